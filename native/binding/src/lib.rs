//! The native API: what Node calls of the book fold, the journal, the readers and the signer. It converts and calls. Numbers come in as typed arrays and bytes, answers go
//! out into a `Float64Array` that the caller owns; no object is made per event. `engine/native/addon.ts` has its types.

mod answer;
mod fold_calls;
mod fold_handle;
mod fold_queries;
mod frames;
mod journal;
mod numbers;
mod paper;
mod recording;
mod scan;
mod signing;
mod walks;

use neon::prelude::*;

#[neon::main]
fn main(mut cx: ModuleContext) -> NeonResult<()> {
    cx.export_function("create", fold_handle::create)?;
    cx.export_function("list", fold_calls::list)?;
    cx.export_function("change", fold_calls::change)?;
    cx.export_function("snapshot", fold_calls::snapshot)?;
    cx.export_function("regrid", fold_calls::regrid)?;
    cx.export_function("distrust", fold_calls::distrust)?;
    cx.export_function("restoreTrust", fold_calls::restore_trust)?;
    cx.export_function("distrustAll", fold_calls::distrust_all)?;
    cx.export_function("lines", walks::lines)?;
    cx.export_function("walk", walks::walk)?;
    cx.export_function("walkTape", walks::walk_tape)?;
    cx.export_function("setTrigger", fold_calls::set_trigger)?;
    cx.export_function("dropTrigger", fold_calls::drop_trigger)?;
    cx.export_function("setInterest", fold_calls::set_interest)?;
    cx.export_function("report", fold_calls::report)?;
    cx.export_function("distrustOf", fold_queries::distrust_of)?;
    cx.export_function("top", fold_queries::top)?;
    cx.export_function("sizeAt", fold_queries::size_at)?;
    cx.export_function("levels", fold_queries::levels)?;
    cx.export_function("stats", fold_queries::stats)?;
    cx.export_function("scanFold", walks::scan_fold)?;
    cx.export_function("proveSegment", scan::prove_segment)?;
    cx.export_function("scanOver", scan::over)?;
    cx.export_function("scanNext", scan::next)?;
    cx.export_function("scanLine", scan::line)?;
    cx.export_function("scanTape", scan::tape)?;
    cx.export_function("headFrom", scan::head_from)?;
    cx.export_function("headAfter", scan::head_after)?;
    cx.export_function("save", fold_queries::save)?;
    cx.export_function("load", fold_queries::load)?;
    cx.export_function("tokenIds", frames::token_ids)?;
    cx.export_function("registerToken", frames::register_token)?;
    cx.export_function("frames", frames::frames)?;
    cx.export_function("framesTouched", frames::frames_touched)?;
    cx.export_function("readFrame", frames::read_whole)?;
    cx.export_function("readMessage", frames::read_message)?;
    cx.export_function("frameWalker", recording::walker)?;
    cx.export_function("walkerToken", recording::token)?;
    cx.export_function("walkerExclude", recording::exclude)?;
    cx.export_function("walkerFollowBook", recording::follow_book)?;
    cx.export_function("walkerSetHashedText", recording::set_hashed_text)?;
    cx.export_function("walkerTakeBack", recording::take_back)?;
    cx.export_function("walkFrames", recording::walk)?;
    cx.export_function("simulatePaper", paper::simulate_paper)?;
    cx.export_function("benchOrderbook", paper::bench_orderbook)?;
    cx.export_function("journalOpen", journal::open)?;
    cx.export_function("journalAppend", journal::append)?;
    cx.export_function("journalStatus", journal::status)?;
    cx.export_function("journalMark", journal::mark)?;
    cx.export_function("journalSync", journal::sync)?;
    cx.export_function("journalEnd", journal::end)?;
    cx.export_function("journalHold", journal::hold)?;
    cx.export_function("packFrame", journal::pack_frame)?;
    cx.export_function("signerOpen", signing::open)?;
    cx.export_function("signerAddress", signing::address)?;
    cx.export_function("signerOrder", signing::order)?;
    cx.export_function("signerAuth", signing::auth)?;
    cx.export_function("signerClose", signing::close)?;
    cx.export_function("macOpen", signing::mac_open)?;
    cx.export_function("macOf", signing::mac_of)?;
    Ok(())
}

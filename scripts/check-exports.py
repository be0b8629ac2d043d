"""Loads what `polaris export` wrote with the packages that it is written for, and compares the books they end with.

    python3 scripts/check-exports.py HIVE HFTBACKTEST NAUTILUS BOOKS.json

BOOKS.json is what `polaris book RUN --depth 0 --json` says. Packages: duckdb, polars, numpy, hftbacktest, nautilus_trader (from PyPI).
Exit 0: all agree; 1: something does not, and what; 77: a package is missing, and which.
"""

import json
import sys
import warnings
from pathlib import Path

try:
    import duckdb
    import hftbacktest
    import numpy
    import polars
    from hftbacktest.types import event_dtype
    from nautilus_trader.model.book import OrderBook
    from nautilus_trader.model.data import OrderBookDelta, TradeTick
    from nautilus_trader.model.enums import BookType
    from nautilus_trader.persistence.catalog import ParquetDataCatalog
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

warnings.simplefilter('ignore')
faults = []


def require(holds, what):
    if not holds:
        faults.append(what)


def levels_of(book):
    """Price in 1e-4 dollar to size in 1e-6 share, of each side."""
    return dict(map(tuple, book['bids'])), dict(map(tuple, book['asks']))


def check_hive(folder, facts):
    for table in ('book_changes', 'book_snapshots', 'trades', 'inputs'):
        files = f'{folder}/{table}/**/*.parquet'
        rows = facts['rows'][table]
        if rows == 0:
            continue
        count, dates = duckdb.sql(
            f"SELECT count(*), count(DISTINCT date) FROM read_parquet('{files}', hive_partitioning = true)"
        ).fetchall()[0]
        require(count == rows, f'DuckDB reads {count} rows of {table}, {rows} were written')
        require(dates > 0, f'{table} has no dates')
        scan = polars.scan_parquet(files, hive_partitioning=True)
        read = scan.select(polars.len()).collect().item()
        require(read == rows, f'Polars reads {read} rows of {table}, {rows} were written')
    return sum(facts['rows'].values())


def check_nautilus(folder, books):
    catalog = ParquetDataCatalog(str(folder))
    instruments = {one.info['token']: one for one in catalog.instruments()}
    require(len(instruments) == len(books), f'{len(instruments)} instruments, {len(books)} tokens')
    rows = 0
    for book in books:
        instrument = instruments[book['token']]
        name = str(instrument.id)
        deltas = catalog.query(OrderBookDelta, identifiers=[name])
        trades = catalog.query(TradeTick, identifiers=[name])
        rows += len(deltas) + len(trades)
        own = OrderBook(instrument.id, BookType.L2_MBP)
        for delta in deltas:
            own.apply_delta(delta)
        stamps = [delta.ts_init for delta in deltas]
        require(stamps == sorted(stamps), f'{name}: deltas out of order')
        require(not deltas or deltas[-1].flags & 128, f'{name}: the last event is open')
        if not book['tradable']:
            continue
        sides = [
            {round(float(level.price) * 1e4): round(level.size() * 1e6) for level in side}
            for side in (own.bids(), own.asks())
        ]
        require(tuple(sides) == levels_of(book), f'{name}: another book in Nautilus')
    return rows


def check_hftbacktest(folder, books):
    assets = {one['token']: one for one in json.loads((folder / 'assets.json').read_text())}
    require(len(assets) == len(books), f'{len(assets)} assets, {len(books)} tokens')
    rows = 0
    for book in books:
        asset = assets[book['key']]
        file = str(folder / asset['file'])
        events = numpy.load(file)['data']
        rows += len(events)
        require(events.dtype == event_dtype, f'{file}: {events.dtype}')
        require(len(events) == asset['events'], f'{file}: {len(events)} events')
        for stamp in ('exch_ts', 'local_ts'):
            require(bool((numpy.diff(events[stamp]) >= 0).all()), f'{file}: {stamp} steps back')
        require(bool((events['exch_ts'] <= events['local_ts']).all()), f'{file}: heard too soon')
        if not book['tradable'] or len(events) == 0:
            continue
        check_depth(file, asset, book)
    return rows


def check_depth(file, asset, book):
    setup = hftbacktest.BacktestAsset().data([file]).linear_asset(1.0)
    setup = setup.constant_order_latency(0, 0).risk_adverse_queue_model()
    setup = setup.no_partial_fill_exchange().trading_value_fee_model(0, 0)
    setup = setup.tick_size(asset['tickSize']).lot_size(asset['lotSize'])
    backtest = hftbacktest.HashMapMarketDepthBacktest([setup])
    while backtest.elapse(3_600_000_000_000) == 0:
        pass
    depth = backtest.depth(0)
    tick = round(asset['tickSize'] * 1e4)
    for wanted, at in zip(levels_of(book), (depth.bid_qty_at_tick, depth.ask_qty_at_tick)):
        found = {tick * k: round(at(k) * 1e6) for k in range(1, 10_000 // tick)}
        found = {price: size for price, size in found.items() if size > 0}
        require(found == wanted, f"{file}: another book in hftbacktest")
    backtest.close()


def main():
    hive, depth, catalog, books = (Path(word) for word in sys.argv[1:5])
    books = json.loads(books.read_text())['books']
    facts = json.loads((hive / 'dataset.json').read_text())
    rows = {
        'hive': check_hive(hive, facts),
        'nautilus': check_nautilus(catalog, books),
        'hftbacktest': check_hftbacktest(depth, books),
    }
    compared = sum(1 for book in books if book['tradable'])
    require(compared > 0, 'no book could be compared')
    print(json.dumps({'rows': rows, 'books': compared, 'faults': faults[:20]}))
    sys.exit(1 if faults else 0)


main()

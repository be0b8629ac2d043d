/** Sizes of a page. */
export const SIZES = [10, 20, 50] as const

interface PagerProps {
  readonly label: string
  readonly offset: number
  readonly size: number
  readonly total: number
  readonly onOffset: (offset: number) => void
  readonly onSize: (size: number) => void
}

/** Goes through the pages of a list. */
export function Pager({ label, offset, size, total, onOffset, onSize }: PagerProps) {
  const last = Math.min(total, offset + size)
  return (
    <nav className="pager" aria-label={`pages of ${label}`}>
      <button
        type="button"
        disabled={offset === 0}
        onClick={() => onOffset(Math.max(0, offset - size))}
      >
        newer
      </button>
      <span aria-live="polite">{total === 0 ? 'none' : `${offset + 1}–${last} of ${total}`}</span>
      <button type="button" disabled={last >= total} onClick={() => onOffset(offset + size)}>
        older
      </button>
      <label>
        a page{' '}
        <select
          value={size}
          onChange={event => {
            onOffset(0)
            onSize(Number(event.target.value))
          }}
        >
          {SIZES.map(one => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </nav>
  )
}

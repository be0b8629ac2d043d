/** The key that writes need. It is kept by whoever sends it, and never shown. */
export function KeyField({ value, onChange }: { value: string; onChange: (key: string) => void }) {
  return (
    <label>
      key{' '}
      <input
        type="password"
        autoComplete="off"
        required
        minLength={16}
        value={value}
        onChange={event => onChange(event.target.value)}
      />
    </label>
  )
}

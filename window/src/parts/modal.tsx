import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'

/** A dialog over the page: the browser's own, which keeps the focus and closes by Escape. */
export function Modal({
  title,
  onClose,
  wide = false,
  children,
}: {
  title: string
  onClose: () => void
  wide?: boolean
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={wide ? 'wide' : ''}
      aria-label={title}
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" aria-label="close" onClick={onClose}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  )
}

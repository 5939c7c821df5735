/** Goes to a field, with all that is in it selected: what is typed next takes its place. */
export function focusField(id: string): void {
  const field = document.getElementById(id)
  if (!(field instanceof HTMLInputElement)) return
  field.focus()
  field.select()
}

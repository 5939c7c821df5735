import type { ComponentChildren } from 'preact'

/**
 * Shows a text in Markdown, of which it knows headings, paragraphs, lists, emphasis and code. Whatever else there is,
 * HTML included, stays as it is written.
 */
export function Markdown({ text }: { text: string }) {
  return (
    <div class="markdown">
      {text
        .trim()
        .split(/\n{2,}/)
        .map((block, i) => (
          <Block key={i} text={block} />
        ))}
    </div>
  )
}

function Block({ text }: { text: string }) {
  const [, heading] = /^#{1,6} +(.*)$/.exec(text) ?? []
  if (heading !== undefined) return <h4>{toInline(heading)}</h4>
  const items = readItems(text, /^[-*] +/)
  if (items !== undefined) return <ul>{items}</ul>
  const numbered = readItems(text, /^\d+\. +/)
  if (numbered !== undefined) return <ol>{numbered}</ol>
  return <p>{toInline(text)}</p>
}

/** The items of a list, one a line; undefined if it is none. */
function readItems(text: string, mark: RegExp) {
  const lines = text.split('\n')
  if (!lines.every((line) => mark.test(line))) return undefined
  return lines.map((line, i) => <li key={i}>{toInline(line.replace(mark, ''))}</li>)
}

function toInline(text: string): ComponentChildren[] {
  return text.split(/(\*\*.+?\*\*|\*.+?\*|`.+?`)/).map((part) => {
    if (/^\*\*.+\*\*$/.test(part)) return <strong>{toInline(part.slice(2, -2))}</strong>
    if (/^\*.+\*$/.test(part)) return <em>{toInline(part.slice(1, -1))}</em>
    if (/^`.+`$/.test(part)) return <code>{part.slice(1, -1)}</code>
    return part
  })
}

/** A name, and how its column stands: see the style sheet. A column that is `unseen` has a name to be heard only. */
type Column = readonly [name: string, kind?: 'text' | 'spare' | 'own' | 'unseen']

/** The head of a table. */
export function TableHead({ columns }: { columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        {columns.map(([name, kind]) =>
          kind === 'unseen' ? (
            <th key={name} scope="col">
              <span class="unseen">{name}</span>
            </th>
          ) : (
            <th key={name} scope="col" class={kind}>
              {name}
            </th>
          ),
        )}
      </tr>
    </thead>
  )
}

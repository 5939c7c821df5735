interface SegmentsProps<T extends string> {
  readonly legend: string
  readonly name: string
  readonly value: T
  readonly options: readonly (readonly [value: T, text: string])[]
  readonly onChoose: (value: T) => void
}

/** A choice among a few, side by side. */
export function Segments<T extends string>({ legend, name, value, options, onChoose }: SegmentsProps<T>) {
  return (
    <fieldset class="segments">
      <legend class="unseen">{legend}</legend>
      {options.map(([option, text]) => (
        <label key={option} data-value={option}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={option === value}
            onChange={() => onChoose(option)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  )
}

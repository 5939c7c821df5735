import Type from 'typebox'

/** One of some texts; unlike a union of literals it is written to JSON without trying each. */
export function OneOf<const T extends string>(values: readonly T[], options: { description?: string } = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options })
}

/** The schemas that the document holds once, under a name. */
export type SharedName = 'Error' | 'Order' | 'Quote'

/** Stands for a schema that the app has under a name. */
export function Ref<T>(name: SharedName) {
  return Type.Unsafe<T>({ $ref: `${name}#` })
}

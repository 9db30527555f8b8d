/** A field of a value type, by name. */
export type Field<V> = keyof V & string

/** The fields that can be summed: numbers and exact decimals, nullable or not. */
export type Numeric<V> = {
  [F in keyof V]-?: NonNullable<V[F]> extends number | bigint ? F : never
}[keyof V] &
  string

/** The same type, shown as one object in messages and without `readonly`. */
export type Flat<T> = { -readonly [P in keyof T]: T[P] }

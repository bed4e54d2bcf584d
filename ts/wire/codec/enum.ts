// Enumerations of the presentation language (RFC 8446, 3.5): names in the API, numbers on the wire.

/** Both directions of an enumeration. */
export interface EnumTable<Name extends string> {
  readonly values: Readonly<Record<Name, number>>;
  /** Name by value; a hole is a value that is not defined. */
  readonly names: readonly (Name | undefined)[];
}

/** Builds the table from `{ name: value }`. */
export function enumTable<const Values extends Readonly<Record<string, number>>>(
  values: Values,
): EnumTable<Extract<keyof Values, string>> {
  type Name = Extract<keyof Values, string>;
  const names: (Name | undefined)[] = [];
  for (const [name, value] of Object.entries(values)) names[value] = name as Name;
  return { values, names };
}

/** The names of an enumeration, as a type. */
export type NameOf<Table> = Table extends EnumTable<infer Name> ? Name : never;

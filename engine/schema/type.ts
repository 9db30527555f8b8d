import type { ZodType } from 'zod'
import type { Branch, FieldType, RecordField } from './contract.ts'
import { shapes } from './definition.ts'

/** Never returns; `what` says what cannot be used. */
export type Refuse = (what: string) => never

/** A type and whether null stands beside it. */
export interface Slot {
  readonly type: FieldType
  readonly nullable: boolean
}

/**
 * Reads the types of one contract. Named types may be used again by name after their definition; a type within itself is
 * refused, because no column holds it.
 */
export class TypeReader {
  private readonly namespace: string
  private readonly refuse: Refuse
  private readonly named = new Map<string, FieldType | 'open'>()

  constructor(namespace: string, refuse: Refuse) {
    this.namespace = namespace
    this.refuse = refuse
  }

  /** A type that null may stand beside: `["null", …]`, null first. `place` names it in messages. */
  slot(json: unknown, place: string): Slot {
    if (!Array.isArray(json)) return { type: this.type(json, place), nullable: false }
    const branches = json.filter((branch) => branch !== 'null')
    const nullable = branches.length < json.length
    if (nullable && json[0] !== 'null') return this.refuse(`${place} is a union with null, which has to come first`)
    if (json.length - branches.length > 1) return this.refuse(`${place} is a union with null twice`)
    if (branches.length === 0) return this.refuse(`${place} is a union of nothing`)
    if (branches.length === 1) return { type: this.type(branches[0], place), nullable }
    return { type: this.union(branches, place), nullable }
  }

  private union(branches: readonly unknown[], place: string): FieldType {
    const read = branches.map((json): Branch => {
      const type = this.type(json, place)
      const member = this.branchName(json)
      return { name: this.named.has(member) ? `${this.namespace}.${member}` : member, member, type }
    })
    const twice = read.find(({ member }, i) => read.findIndex((other) => other.member === member) !== i)
    if (twice !== undefined) return this.refuse(`${place} is a union that has ${twice.member} twice`)
    return { kind: 'union', branches: read }
  }

  /** Avro specification 1.12, "Unions": the type's name, a named type's own. */
  private branchName(json: unknown): string {
    if (typeof json === 'string') return this.local(json)
    const { type, name } = json as { readonly type: string; readonly name?: string }
    return name ?? type
  }

  private local(name: string): string {
    const prefix = `${this.namespace}.`
    return name.startsWith(prefix) ? name.slice(prefix.length) : name
  }

  private type(json: unknown, place: string): FieldType {
    const primitive = shapes.primitive.safeParse(json)
    if (primitive.success) return { kind: primitive.data }
    if (typeof json === 'string') return this.reference(json, place)
    if (Array.isArray(json)) return this.refuse(`${place} has a union directly within a union`)
    const kind = typeName(json)
    const logical = (json as { readonly logicalType?: unknown } | null)?.logicalType
    const read = <T>(shape: ZodType<T>): T => this.parsed(shape, json, place)
    if (logical !== undefined) return this.logical(String(logical), kind, json, place)
    switch (kind) {
      case 'enum': {
        const { name, symbols } = read(shapes.enumeration)
        return this.define(name, place, () => ({ kind: 'enum', name, symbols }))
      }
      case 'fixed': {
        const { name, size } = read(shapes.fixed)
        return this.define(name, place, () => ({ kind: 'fixed', name, size }))
      }
      case 'array': {
        const { type, nullable } = this.slot(read(shapes.array).items, place)
        return { kind: 'array', items: type, ...(nullable ? { nullableItems: true } : {}) }
      }
      case 'map': {
        const { type, nullable } = this.slot(read(shapes.map).values, place)
        return { kind: 'map', values: type, ...(nullable ? { nullableValues: true } : {}) }
      }
      case 'record': {
        const { name, fields } = read(shapes.record)
        return this.define(name, place, () => ({ kind: 'record', name, fields: this.fields(fields, place) }))
      }
      default:
        return this.unmapped(json, place)
    }
  }

  private logical(logical: string, kind: string, json: unknown, place: string): FieldType {
    const read = <T>(shape: ZodType<T>): T => this.parsed(shape, json, place)
    switch (logical) {
      case 'timestamp-millis':
        read(shapes.timestamp)
        return { kind: 'timestamp' }
      case 'timestamp-micros':
      case 'timestamp-nanos':
        read(shapes.timestamp)
        return { kind: 'fine-timestamp', unit: logical === 'timestamp-micros' ? 'micros' : 'nanos' }
      case 'local-timestamp-millis':
      case 'local-timestamp-micros':
      case 'local-timestamp-nanos':
        read(shapes.localTimestamp)
        return {
          kind: 'local-timestamp',
          unit: logical.slice('local-timestamp-'.length) as 'millis' | 'micros' | 'nanos',
        }
      case 'date':
        read(shapes.date)
        return { kind: 'date' }
      case 'time-millis':
        read(shapes.timeMillis)
        return { kind: 'time', unit: 'millis' }
      case 'time-micros':
        read(shapes.timeMicros)
        return { kind: 'time', unit: 'micros' }
      case 'uuid':
        read(shapes.uuid)
        return { kind: 'uuid' }
      case 'decimal': {
        const found = read(shapes.decimal)
        const { precision, scale } = found
        if (!('name' in found)) return { kind: 'decimal', precision, scale }
        const { size } = found
        const digits = Math.floor(Math.log10(2) * (8 * size - 1))
        if (precision > digits)
          this.refuse(`${place} is a decimal of ${precision} digits in ${size} bytes, which hold ${digits}`)
        return this.define(found.name, place, () => ({ kind: 'decimal', precision, scale, size }))
      }
      case 'duration': {
        const { name } = read(shapes.duration)
        return this.define(name, place, () => ({ kind: 'duration' }))
      }
      default:
        return this.unmapped({ ...(json as object), type: kind }, place)
    }
  }

  private parsed<T>(shape: ZodType<T>, json: unknown, place: string): T {
    const parsed = shape.safeParse(json)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const at = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')} ${issue.message})`
    return this.unmapped(json, place, at)
  }

  private unmapped(json: unknown, place: string, at = ''): never {
    return this.refuse(`${place} has a type that Kappa cannot map${at}: ${JSON.stringify(json)}`)
  }

  private define(name: string, place: string, read: () => FieldType): FieldType {
    if (this.named.has(name)) return this.refuse(`${place} defines ${name}, which is defined already: use its name`)
    this.named.set(name, 'open')
    const type = read()
    this.named.set(name, type)
    return type
  }

  private reference(name: string, place: string): FieldType {
    const found = this.named.get(this.local(name))
    if (found === 'open') return this.refuse(`${place} has ${name} within itself, which no column holds`)
    return found ?? this.unmapped(name, place)
  }

  private fields(
    fields: readonly { readonly name: string; readonly doc: string; readonly type?: unknown; default?: unknown }[],
    place: string,
  ): readonly RecordField[] {
    const names = fields.map(({ name }) => name)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) this.refuse(`${place}.${twice} occurs twice`)
    return fields.map((field) => {
      const { name, doc } = field
      const { type, nullable } = this.slot(field.type, `${place}.${name}`)
      if (nullable && field.default !== null) this.refuse(`${place}.${name} is nullable and needs "default": null`)
      return { name, doc, type, nullable, ...('default' in field ? { default: field.default } : {}) }
    })
  }
}

const typeName = (json: unknown): string => {
  const type = (json as { readonly type?: unknown } | null)?.type
  return typeof type === 'string' ? type : ''
}

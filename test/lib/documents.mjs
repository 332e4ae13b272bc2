// Seeded GraphQL documents from an introspected schema, valid and damaged, and what graphql-js says of them.
//
// new Documents(schema, seed, avoid): valid() -> {query, variables}, damaged(request) -> {query, variables}; the same seed, the same documents.
//   databaseValues: of each scalar one value that the database takes.
// judge(schema, request) -> null when graphql-js accepts the request, else the first message. shape(schema, request) -> keys in their order.
// fault(schema, request, data) -> what graphql-js finds wrong with an answer.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// The package is installed for test/clients, beside this folder.
const graphql = createRequire(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../clients/package.json'))('graphql');
const {
  GraphQLBoolean, GraphQLNonNull, Kind, executeSync, getNamedType, getNullableType, getVariableValues, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType,
  isRequiredArgument, isRequiredInputField, parse, validate,
} = graphql;
export { graphql };

export const databaseValues = {
  Int: 1, smallint: 2, bigint: 3, Float: 1.5, float8: 2.5, numeric: 4.25, Boolean: true, String: 'x', ID: 'x', uuid: '00000000-0000-0000-0000-000000000001',
  date: '2026-01-02', timestamp: '2026-01-02T03:04:05', timestamptz: '2026-01-02T03:04:05Z', interval: '1 day', bytea: '\\x00ff', inet: '10.0.0.1',
  tstzrange: '[2026-01-01,2026-02-01)', json: { a: [1, 'b', null] }, jsonb: { c: true }, jsonb_scalar: { c: false }, order_state: 'new', shop_order_state: 'other',
  money_amount_scalar: '(1,EUR)', email: 'a@b', shop_email: 5, public_Int: 'x', email_array: 'x',
};

class Random {
  constructor(seed) { this.state = seed >>> 0; }
  next() { // mulberry32
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n) { return Math.floor(this.next() * n); }
  chance(p) { return this.next() < p; }
  pick(list) { return list[this.below(list.length)]; }
}

const literalOf = (json) => {
  if (Array.isArray(json)) return `[${json.map(literalOf).join(' ')}]`;
  if (json && typeof json === 'object') return `{${Object.entries(json).map(([k, v]) => `${k}: ${literalOf(v)}`).join(', ')}}`;
  return JSON.stringify(json);
};

function typedLiteral(type, json) {
  const nullable = getNullableType(type);
  if (json !== null && isEnumType(nullable)) return json;
  if (isListType(nullable) && Array.isArray(json)) return `[${json.map((item) => typedLiteral(nullable.ofType, item)).join(', ')}]`;
  if (isInputObjectType(nullable)) return `{${Object.entries(json).map(([k, v]) => `${k}: ${typedLiteral(nullable.getFields()[k].type, v)}`).join(', ')}}`;
  return literalOf(json);
}

export class Documents {
  // `avoid(type, name)`: input fields and arguments that documents do without, as the database or the dialect refuses some of their uses.
  constructor(schema, seed, avoid = () => false) {
    this.schema = schema;
    this.avoid = avoid;
    this.random = new Random(seed);
    this.names = [...new Set(Object.values(schema.getTypeMap()).flatMap((type) => [type.name, ...Object.keys(type.getFields?.() ?? {}), ...(type.getValues?.() ?? []).map((v) => v.name)]))];
  }

  valid() {
    const kinds = ['query', 'query', 'query', ...(this.schema.getMutationType() ? ['mutation'] : []), ...(this.schema.getSubscriptionType() ? ['subscription'] : [])];
    return this.operation(this.random.pick(kinds));
  }

  operation(kind) {
    const root = { query: this.schema.getQueryType(), mutation: this.schema.getMutationType(), subscription: this.schema.getSubscriptionType() }[kind];
    Object.assign(this, { aliases: 0, variables: [], json: {}, fragments: [], budget: 40 });
    const fields = kind === 'subscription' ? `{ ${this.field(root, this.random.pick(Object.values(root.getFields())), 3, false)} }` : this.selectionSet(root, kind === 'mutation' ? 2 : 4);
    const name = this.random.chance(0.7) ? ' Named' : '';
    const definitions = this.variables.length ? `(${this.variables.join(', ')})` : '';
    const head = kind === 'query' && !name && !definitions && this.random.chance(0.5) ? '' : `${kind}${name}${definitions} `;
    return { query: [head + fields, ...this.fragments].join('\n'), variables: this.json };
  }

  selectionSet(type, depth) {
    const fields = Object.values(type.getFields());
    const leaves = fields.filter((f) => isLeafType(getNamedType(f.type)));
    const usable = depth > 0 && this.budget > 0 ? fields : leaves;
    const out = [];
    for (let n = 1 + this.random.below(4); n > 0; --n) {
      const field = usable.length ? this.field(type, this.random.pick(usable), depth) : '__typename';
      out.push(this.wrapped(type, field));
    }
    if (this.random.chance(0.1)) out.push('__typename');
    return `{ ${out.join(' ')} }`;
  }

  // Sometimes in a fragment, or under @skip and @include.
  wrapped(type, field) {
    const roll = this.random.next();
    if (roll < 0.05) return `... on ${type.name}${this.directive()} { ${field} }`;
    if (roll < 0.08) return `...${this.directive()} { ${field} }`;
    if (roll < 0.13) {
      const name = `F${this.fragments.length}`;
      this.fragments.push(`fragment ${name} on ${type.name} { ${field} }`);
      return `...${name}${this.directive()}`;
    }
    return field;
  }
  directive() {
    if (!this.random.chance(0.3)) return '';
    const condition = this.random.chance(0.5) ? String(this.random.chance(0.5)) : this.variable(new GraphQLNonNull(GraphQLBoolean), this.random.chance(0.5));
    return ` @${this.random.pick(['skip', 'include'])}(if: ${condition})`;
  }

  field(parent, field, depth, conditions = true) {
    --this.budget;
    const args = field.args.filter((a) => isRequiredArgument(a) || (!this.avoid(parent.name, a.name) && this.random.chance(0.25))).map((a) => `${a.name}: ${this.value(a.type, 3, a.name)}`);
    const composite = isObjectType(getNamedType(field.type));
    // Fields of one key must be mergeable: whatever has arguments has a key of its own.
    const alias = args.length || this.random.chance(0.15) ? `a${++this.aliases}: ` : '';
    return `${alias}${field.name}${args.length ? `(${args.join(', ')})` : ''}${conditions && this.random.chance(0.05) ? this.directive() : ''}${composite ? ` ${this.selectionSet(getNamedType(field.type), depth - 1)}` : ''}`;
  }

  // A literal, or a variable with its definition and value.
  value(type, depth, name) {
    if (!isNonNullType(type) && ['where', 'order_by', 'limit', 'offset'].includes(name) && this.random.chance(0.05)) return 'null';
    if (this.random.chance(0.15)) return this.variable(type, this.jsonOf(type, depth));
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      const item = nullable.ofType;
      if (this.random.chance(0.3)) return typedLiteral(item, this.jsonOf(item, depth)); // a single value stands for a list of one
      return `[${Array.from({ length: this.random.below(3) }, () => this.value(item, depth)).join(', ')}]`;
    }
    if (isEnumType(nullable)) return this.random.pick(nullable.getValues()).name;
    if (isInputObjectType(nullable)) return `{${this.members(nullable, depth).map((f) => `${f.name}: ${this.value(f.type, depth - 1, f.name)}`).join(', ')}}`;
    return literalOf(databaseValues[nullable.name] ?? 'x');
  }
  jsonOf(type, depth) {
    const nullable = getNullableType(type);
    if (isListType(nullable)) return Array.from({ length: this.random.below(3) }, () => this.jsonOf(nullable.ofType, depth));
    if (isEnumType(nullable)) return this.random.pick(nullable.getValues()).name;
    if (isInputObjectType(nullable)) return Object.fromEntries(this.members(nullable, depth).map((f) => [f.name, this.jsonOf(f.type, depth - 1)]));
    return databaseValues[nullable.name] ?? 'x';
  }
  members(type, depth) {
    const fields = Object.values(type.getFields()).filter((field) => !this.avoid(type.name, field.name));
    const wanted = fields.filter(isRequiredInputField);
    // One key: the dialect refuses two where one is meant, and an empty object is always right.
    if (depth > 0 && this.random.chance(0.8)) wanted.push(this.random.pick(fields));
    return [...new Set(wanted)];
  }
  variable(type, json) {
    const name = `v${this.variables.length}`;
    const strict = isNonNullType(type) || this.random.chance(0.3);
    const written = `${getNullableType(type)}${strict ? '!' : ''}`;
    const given = this.random.chance(0.8);
    this.variables.push(`$${name}: ${written}${given ? '' : ` = ${typedLiteral(type, json)}`}`);
    if (given) this.json[name] = json;
    return `$${name}`;
  }

  // One to three changes that usually make a document invalid.
  damaged({ query, variables }) {
    const tokens = query.match(/"(?:\\.|[^"\\])*"|\.\.\.|[_A-Za-z]\w*|-?\d+(?:\.\d+)?|\S/g);
    const values = structuredClone(variables);
    for (let n = 1 + this.random.below(2); n > 0; --n) this.damage(tokens, values);
    return { query: tokens.join(' '), variables: values };
  }
  damage(tokens, variables) {
    const at = this.random.below(tokens.length);
    const names = Object.keys(variables);
    const anything = () => this.random.pick(['1', '-1', '1.5', '3000000000', '99999999999999999999', '"s"', '""', 'true', 'null', 'someEnum', '[]', '[1]', '[null]', '{}', '{a: 1}', '$v0', '$nope']);
    switch (this.random.below(9)) {
      case 0: tokens.splice(at, 1); break;
      case 1: tokens.splice(at, 0, tokens[at]); break;
      case 2: tokens[at] = tokens[this.random.below(tokens.length)]; break;
      case 3: this.replaceName(tokens, () => this.random.pick(this.names)); break;
      case 4: this.replaceName(tokens, () => `${this.random.pick(this.names)}x`); break;
      case 5: case 6: {
        const values = tokens.flatMap((t, i) => (tokens[i - 1] === ':' && !/^[[{]$/.test(t) ? [i] : []));
        if (values.length) tokens[this.random.pick(values)] = anything();
        break;
      }
      case 7: if (names.length) variables[this.random.pick(names)] = this.random.pick([null, 1, -1, 1.5, 'x', true, [], [null], {}, { a: 1 }, 3000000000]); break;
      default: if (names.length) delete variables[this.random.pick(names)]; else variables.extra = 1;
    }
  }
  replaceName(tokens, make) {
    const places = tokens.flatMap((t, i) => (/^[_A-Za-z]/.test(t) ? [i] : []));
    tokens[this.random.pick(places)] = make();
  }
}

export function judge(schema, { query, variables }) {
  let document;
  try { document = parse(query); } catch (error) { return `syntax: ${error.message}`; }
  try {
    const errors = validate(schema, document);
    if (errors.length) return errors[0].message;
  } catch (error) { return error.message; } // @skip with a variable on the root field of a subscription
  const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
  if (operations.length !== 1) return `${operations.length} operations`;
  const coerced = getVariableValues(schema, operations[0].variableDefinitions ?? [], variables);
  return coerced.errors ? coerced.errors[0].message : null;
}

// What graphql-js answers when every list has one item and every leaf a value: the keys are those of a right response, in their order.
export function shape(schema, { query, variables }) {
  const mock = (type) => {
    const nullable = getNullableType(type);
    if (isListType(nullable)) return [mock(nullable.ofType)];
    if (isEnumType(nullable)) return nullable.getValues()[0].value;
    if (isObjectType(nullable)) return {};
    return { Int: 1, Float: 1, Boolean: true }[nullable.name] ?? 'x';
  };
  const answer = executeSync({ schema, document: parse(query), rootValue: {}, variableValues: variables, fieldResolver: (_, __, ___, info) => mock(info.returnType) });
  if (answer.errors) throw answer.errors[0];
  return answer.data;
}

// What graphql-js says of a response: it completes the data by the schema, so that names of types, lists, nulls, enums and the scalars it knows
// must be right, and every key stand where it puts it. Null, or what is wrong.
export function fault(schema, { query, variables }, data) {
  const answer = executeSync({ schema, document: parse(query), rootValue: data, variableValues: variables, fieldResolver: (source, _, __, info) => source[info.path.key] });
  if (answer.errors) return `${answer.errors[0].path?.join('.')}: ${answer.errors[0].message}`;
  const [mine, theirs] = [JSON.stringify(data), JSON.stringify(answer.data)];
  return mine === theirs ? null : `${mine.slice(0, 500)} against ${theirs.slice(0, 500)}`;
}

// The first place where two responses have other keys or another order of keys, or null. Lists: the mock has one item for all.
export function difference(mock, real, path = '$') {
  if (real === null || mock === null || typeof mock !== 'object') return null;
  if (Array.isArray(mock)) {
    if (!Array.isArray(real)) return `${path} is no list`;
    for (const [i, item] of real.entries()) {
      const found = difference(mock[0], item, `${path}[${i}]`);
      if (found) return found;
    }
    return null;
  }
  if (Object.keys(mock).join() !== Object.keys(real).join()) return `${path}: ${Object.keys(mock)} against ${Object.keys(real)}`;
  for (const key of Object.keys(mock)) {
    const found = difference(mock[key], real[key], `${path}.${key}`);
    if (found) return found;
  }
  return null;
}

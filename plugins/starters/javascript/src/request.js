// From a checked input to one request, strictly: every property of the input has its place, or the call is refused.
// Not here: the host's own checks. It compares what comes out with what the manifest declares.

/** @import { BodyMode, Method, Refusal, Request } from 'portcullis:action/contract@0.1.0' */

/**
 * The plugin's no. Throw it from `describe`; the caller is shown the message, marked as the plugin's words.
 * Whatever else is thrown is a fault: it stops the instance, and the caller hears only that.
 */
export class Refused extends Error {
  /**
   * @param {Refusal['reason']} reason
   * @param {string} message One sentence for the caller.
   * @param {string} [pointer] JSON Pointer into the input.
   */
  constructor(reason, message, pointer) {
    super(message);
    /** @type {Refusal} What crosses the component's edge. */
    this.payload = { reason, message, pointer };
  }
}

/** Where the properties of an input go: into the path, the query or the body. */
export class Route {
  /**
   * @param {Method} method
   * @param {string} path Such as `/v1/items/{item_id}`; a last `{rest+}` takes a list.
   * @param {{ query?: string[], json?: string[] }} [places] Properties that become query pairs, and members of a JSON
   *   body, in this order. With `json`, a body is always sent.
   */
  constructor(method, path, { query = [], json } = {}) {
    this.method = method;
    this.path = path;
    this.query = query;
    this.json = json;
  }

  /** The same route as the manifest says it, so that what is declared and what is described cannot drift apart. */
  declared() {
    /** @type {BodyMode} */
    const body = this.json ? 'json' : 'none';
    return { method: this.method, path: this.path, query: this.query, headers: [], body };
  }

  /**
   * The request for one input.
   * @param {Record<string, unknown>} input
   * @returns {Request}
   */
  request(input) {
    const parts = this.path.split('/').filter((part) => part !== '').map(place);
    const places = [...parts.map(({ name }) => name), ...this.query, ...(this.json ?? [])];
    for (const name of Object.keys(input)) {
      if (!places.includes(name)) throw unfit(name, 'has no place in the request');
    }
    const path = parts.flatMap(({ literal, name, many }) => {
      if (name === undefined) return literal;
      if (!many) return text(name, input[name]);
      if (!Array.isArray(input[name])) throw unfit(name, 'must be given as a list');
      return input[name].map((one) => text(name, one));
    });
    /** @type {[string, string][]} */
    const query = this.query.filter((name) => Object.hasOwn(input, name)).map((name) => [name, text(name, input[name])]);
    /** @type {Request} */
    const request = { method: this.method, path, query, headers: [] };
    if (this.json) {
      const members = this.json.filter((name) => Object.hasOwn(input, name)).map((name) => [name, input[name]]);
      request.body = { tag: 'json', val: JSON.stringify(Object.fromEntries(members)) };
    }
    return request;
  }
}

/**
 * Reads the input of a call. A number that JavaScript would round is refused instead.
 * @param {string} input
 * @returns {Record<string, unknown>}
 */
export function read(input) {
  return JSON.parse(input, (name, value) => {
    // Past 2^53 not every whole number is one of JavaScript's, and past 10^308 all are `Infinity`.
    if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw new Refused('invalid-input', `\`${name}\` is too large a number to be passed on as it is`);
    }
    return value;
  });
}

/**
 * One part of a path: what stands for itself, `{name}` for one segment, or `{name+}` for one or more.
 * @param {string} literal
 */
function place(literal) {
  const [, name, many] = /^\{(.+?)(\+?)\}$/.exec(literal) ?? [];
  return { literal, name, many: many === '+' };
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function text(name, value) {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unfit(name, 'must be given as text, a number or a boolean');
}

/**
 * @param {string} name
 * @param {string} why
 */
function unfit(name, why) {
  // A JSON Pointer writes `~` as `~0` and `/` as `~1` (RFC 6901).
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return new Refused('invalid-input', `\`${name}\` ${why}`, pointer);
}

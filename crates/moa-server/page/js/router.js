// Which view an address names. Addresses are hashes, so that the server need not know them.

/**
 * @typedef {object} Route
 * @property {'ask'|'runs'|'run'|'trace'|'timeline'|'compare'|'mixture'} name
 * @property {Record<string, string>} parameters
 */

const PATTERNS = [
  ['ask', /^\/ask(?:\/(?<id>[^/]+))?$/],
  ['runs', /^\/runs$/],
  ['compare', /^\/runs\/(?<id>[^/]+)\/compare\/(?<other>[^/]+)$/],
  ['trace', /^\/runs\/(?<id>[^/]+)\/trace$/],
  ['timeline', /^\/runs\/(?<id>[^/]+)\/timeline$/],
  ['run', /^\/runs\/(?<id>[^/]+)$/],
  ['mixture', /^\/mixture(?:\/(?<preset>[^/]+))?$/],
];

/**
 * @param {string} hash  With or without its sign.
 * @returns {Route} The view to ask in for an address that is not known.
 */
export function parseRoute(hash) {
  const [path, query = ''] = hash.replace(/^#/, '').split('?');
  for (const [name, pattern] of PATTERNS) {
    const found = pattern.exec(path);
    if (!found) continue;
    const parameters = Object.fromEntries(new URLSearchParams(query));
    for (const [key, value] of Object.entries(found.groups ?? {})) {
      if (value !== undefined) parameters[key] = decoded(value);
    }
    return { name, parameters };
  }
  return { name: 'ask', parameters: {} };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * The address of a place, such as `link('runs', id, 'trace')`.
 * @param {...string} parts
 * @returns {string}
 */
export function link(...parts) {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** @param {string} hash  Goes there. */
export function go(hash) {
  location.hash = hash;
}

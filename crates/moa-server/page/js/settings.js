// What a person chose for this browser: language, colours, single-key shortcuts, the preset used last.

const PREFIX = 'moa.';

/**
 * @param {string} name @param {string} fallback
 * @returns {string}
 */
export function setting(name, fallback) {
  try {
    return localStorage.getItem(PREFIX + name) ?? fallback;
  } catch {
    // Storage can be forbidden; then the choice lasts as long as the page.
    return kept.get(name) ?? fallback;
  }
}

/** @param {string} name @param {string} value */
export function keepSetting(name, value) {
  kept.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // As above.
  }
}

const kept = new Map();

// Unit tests, run by `npm test`: the plugin is two plain functions. Whole cases are in `cases/`, run by `portcullis test`
// on the component itself.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { contract } from '../src/plugin.js';
import { Route } from '../src/request.js';

/** The plugin's no. */
function refusal(action, input) {
  try {
    contract.describe(action, JSON.stringify(input));
  } catch (error) {
    return error.payload;
  }
  return assert.fail('it was described');
}

test('every example is described as it says', () => {
  const examples = contract.declare().actions.flatMap(({ slug, examples }) => examples.map((one) => [slug, one]));
  assert.ok(examples.length > 0);
  for (const [slug, { title, input, expected }] of examples) {
    assert.deepEqual(contract.describe(slug, input), expected, title);
  }
});

test('a blank title is refused at its place', () => {
  const { reason, pointer } = refusal('add-note', { notebook: 'work', title: ' ' });
  assert.deepEqual([reason, pointer], ['invalid-input', '/title']);
});

test('what has no place in the request is refused, and never dropped', () => {
  const { reason, pointer } = refusal('find-notes', { notebook: 'work', 'order/by': 'age' });
  assert.deepEqual([reason, pointer], ['invalid-input', '/order~1by']);
});

test('a list goes into the last part of a path', () => {
  const route = new Route('get', '/v1/files/{file+}');
  assert.deepEqual(route.request({ file: ['a', 'b c'] }).path, ['v1', 'files', 'a', 'b c']);
  assert.throws(() => route.request({ file: 'a' }), /must be given as a list/);
  assert.throws(() => route.request({}), /must be given as a list/);
});

test('a number that would be rounded is refused', () => {
  assert.equal(refusal('find-notes', { notebook: 'work', limit: 2 ** 53 }).reason, 'invalid-input');
});

test('an action that is not there is refused', () => {
  assert.equal(refusal('delete-note', {}).reason, 'unknown-action');
});

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.equal(contract.declare().version, version);
});

// `find-notes`: an automatic read. It changes nothing, so it may run without a person.

import { Route } from './request.js';

/** @import { Action } from 'portcullis:action/contract@0.1.0' */

// Where each property of the input goes. The path is a list of segments, each encoded by the host: nothing in a name can
// become another path.
const route = new Route('get', '/v1/notebooks/{notebook}/notes', { query: ['words', 'limit'] });

// The host lets no other input through, and an agent reads each description.
const schema = {
  type: 'object',
  properties: {
    notebook: { type: 'string', minLength: 1, maxLength: 100, description: 'Name of the notebook, such as `work`.' },
    words: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'Words that must all occur in a note. Left out: every note.',
    },
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: 'How many notes at most, the newest first. Left out: 20.',
    },
  },
  required: ['notebook'],
  additionalProperties: false,
};

/** @type {Action} */
export const action = {
  ...route.declared(),
  slug: 'find-notes',
  label: 'Find notes',
  description:
    'Lists the notes of one notebook, the newest first, with their titles and ids. ' +
    'Call it before adding a note, to see whether one is there already.',
  inputSchema: JSON.stringify(schema),
  approval: 'automatic',
  effect: 'read',
  result: 'json-summary',
  traits: {},
  // Written out by hand: they are what the route is held against, here and at each install.
  examples: [
    {
      title: 'The newest notes of a notebook',
      input: '{"notebook": "work"}',
      expected: { method: 'get', path: ['v1', 'notebooks', 'work', 'notes'], query: [], headers: [] },
    },
    {
      title: 'Ten notes about a subject',
      input: '{"notebook": "work", "words": "road map", "limit": 10}',
      expected: {
        method: 'get',
        path: ['v1', 'notebooks', 'work', 'notes'],
        query: [['words', 'road map'], ['limit', '10']],
        headers: [],
      },
    },
  ],
};

/** @param {Record<string, unknown>} input */
export function request(input) {
  return route.request(input);
}

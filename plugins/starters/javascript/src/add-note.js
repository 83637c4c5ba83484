// `add-note`: a write. A person sees the exact request and says yes before it is sent.

import { Refused, Route } from './request.js';

/** @import { Action } from 'portcullis:action/contract@0.1.0' */

const route = new Route('post', '/v1/notebooks/{notebook}/notes', { json: ['title', 'text'] });

const schema = {
  type: 'object',
  properties: {
    notebook: { type: 'string', minLength: 1, maxLength: 100, description: 'Name of the notebook, such as `work`.' },
    title: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'One line that says what the note is about.',
    },
    text: {
      type: 'string',
      minLength: 1,
      maxLength: 20000,
      description: 'The note itself, in Markdown. Left out: a note of a title alone.',
    },
  },
  required: ['notebook', 'title'],
  additionalProperties: false,
};

/** @type {Action} */
export const action = {
  ...route.declared(),
  slug: 'add-note',
  label: 'Add a note',
  description:
    'Adds one note to a notebook and answers with its id. Calling it twice adds two notes: ' +
    'use `find-notes` first where the same may be there already.',
  inputSchema: JSON.stringify(schema),
  approval: 'require-approval',
  effect: 'write',
  result: 'json',
  traits: {},
  examples: [
    {
      title: 'A note of a title alone',
      input: '{"notebook": "work", "title": "Call the printer"}',
      expected: {
        method: 'post',
        path: ['v1', 'notebooks', 'work', 'notes'],
        query: [],
        headers: [],
        body: { tag: 'json', val: '{"title":"Call the printer"}' },
      },
    },
    {
      title: 'A note with text',
      input: '{"notebook": "work", "title": "Road map", "text": "- the gate\\n- the page"}',
      expected: {
        method: 'post',
        path: ['v1', 'notebooks', 'work', 'notes'],
        query: [],
        headers: [],
        body: { tag: 'json', val: '{"title":"Road map","text":"- the gate\\n- the page"}' },
      },
    },
  ],
};

/** @param {Record<string, unknown>} input */
export function request(input) {
  // What a schema cannot say is refused here, with the place in the input.
  if (String(input.title).trim() === '') {
    throw new Refused('invalid-input', "a note's title must not be blank", '/title');
  }
  return route.request(input);
}

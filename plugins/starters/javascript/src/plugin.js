// Notes, as a Portcullis plugin: what it is and what it can do. Change it into yours.
//
// It never sends anything and never sees a credential: for each call it describes one request, and the host sends that.

import * as addNote from './add-note.js';
import * as findNotes from './find-notes.js';
import { Refused, read } from './request.js';

/** @import { Manifest, Port } from 'portcullis:action/contract@0.1.0' */

// Everything it can do: one file an action.
const ACTIONS = [findNotes, addNote];

/**
 * The service: the only place that requests can go to, and how the host attaches the credential.
 * @type {Port}
 */
const PORT = {
  slug: 'starter-name',
  label: 'Starter Name',
  description: 'Notebooks of one account: finding notes in them, and adding notes.',
  origin: 'https://api.example.com',
  auth: { tag: 'bearer' },
  category: 'Notes',
  tags: ['notes', 'notebooks'],
  publisher: { slug: 'example', name: 'Example Ltd', websiteUrl: 'https://example.com' },
};

/** What the component exports: the interface `contract` of `wit/`. */
export const contract = {
  /** @returns {Manifest} */
  declare() {
    return { version: '0.1.0', port: PORT, actions: ACTIONS.map(({ action }) => action) };
  },

  /**
   * @param {string} slug
   * @param {string} input JSON that passed the action's schema.
   */
  describe(slug, input) {
    const found = ACTIONS.find(({ action }) => action.slug === slug);
    if (!found) throw new Refused('unknown-action', `no action is called \`${slug}\``);
    return found.request(read(input));
  },
};

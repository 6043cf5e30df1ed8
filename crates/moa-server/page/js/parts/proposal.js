// One answer in full.

import { badge } from '../agents.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { copyButton } from './copy.js';
import { openDialog } from './dialog.js';
import { MarkdownView } from './markdown-view.js';
import { failureNotice } from './notice.js';

/**
 * @param {import('../run-model.js').Call} call @param {import('../agents.js').Identity} identity
 */
export function openProposal(call, identity) {
  const text = call.outcome?.text || call.text;
  const view = new MarkdownView();
  view.show(text);
  view.finish(text);
  const thoughts = call.outcome?.reasoning || call.reasoning;
  openDialog({
    title: t('proposal.title', { layer: call.id.layer, agent: call.agent }),
    kind: 'wide',
    body: [
      h('p', { class: 'subject' }, badge(identity), h('span', {}, call.model), h('span', { class: 'muted' }, call.endpoint)),
      call.outcome?.error && failureNotice(call.outcome.error, { isQuiet: true }),
      thoughts && h('details', { class: 'thoughts' }, h('summary', {}, t('answer.thoughts')), h('p', { class: 'plain' }, thoughts)),
      text ? view.element : h('p', { class: 'muted' }, t('proposal.empty')),
    ].filter(Boolean),
    actions: [copyButton(() => text)],
  });
}

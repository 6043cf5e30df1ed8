// One stored run: its layers, and the way to its other views.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { RunPanel } from '../parts/run-panel.js';
import { runHead } from '../parts/run-head.js';

/**
 * @param {{id: string}} parameters
 * @returns {import('../main.js').View}
 */
export function runView({ id }) {
  const head = runHead(id, 'run');
  const panel = new RunPanel(id, { showsQuestion: false, onStart: (run) => head.show(run) });
  return {
    element: h('section', { class: 'run-view' }, head.element, panel.element),
    title: t('tab.layers'),
    release: () => panel.release(),
    stop: () => panel.isRunning && panel.stop(),
  };
}

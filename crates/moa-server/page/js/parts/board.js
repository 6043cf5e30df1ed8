// The board of the mixture editor: layers as rows, agents that can be dragged between them or moved with the arrow keys.

import { Identities, badge } from '../agents.js';
import { announce, h } from '../dom.js';
import { neighbour, withAdded, withLayer, withMoved, withoutAgent, withoutLayer } from '../editor-model.js';
import { t } from '../i18n.js';
import { agentEditor } from './agent-editor.js';
import { makeDraggable } from './drag.js';

/** Shows a draft and changes it. */
export class Board {
  #draft;
  #models;
  #onChange;
  #grabbed = null;
  #open = new WeakSet();
  // Taking an element out of the page takes its focus, which is no leaving of it.
  #isRendering = false;
  #aim = h('li', { class: 'drop-mark', 'aria-hidden': 'true' });

  element = h('div', { class: 'board' });

  /** @param {{draft: object, models: object[], onChange: (draft: object) => void}} options */
  constructor({ draft, models, onChange }) {
    this.#draft = draft;
    this.#models = models;
    this.#onChange = onChange;
    this.#render();
  }

  /** Adds an agent of a model behind the others of a layer, or as the aggregator. @param {string} model @param {string} where */
  add(model, where) {
    if (where === 'aggregator') return this.#change({ ...this.#draft, aggregator: { ...this.#draft.aggregator, model, name: null } });
    const layer = Math.min(Number(where), this.#draft.layers.length - 1);
    if (layer < 0) return this.#change({ ...this.#draft, layers: [{ agents: [{ model }] }] });
    this.#change(withAdded(this.#draft, { layer, place: Infinity }, { model }));
    return announce(t('editor.added', { agent: model, layer: layer + 1 }));
  }

  /** Lets an element of the list of models be dragged here. @param {HTMLElement} element @param {string} model */
  takeFrom(element, model) {
    makeDraggable(element, {
      ghost: () => h('div', { class: 'chip' }, model),
      over: (target, point) => this.#showAim(target, point),
      cancel: () => this.#hideAim(),
      drop: (target, point) => {
        this.#hideAim();
        if (target?.closest('.board-aggregator')) return this.add(model, 'aggregator');
        const spot = this.#spotAt(target, point);
        return spot && this.#change(withAdded(this.#draft, spot, { model }));
      },
    });
  }

  #change(draft) {
    this.#draft = draft;
    this.#render();
    this.#onChange(draft);
  }

  #render() {
    const identities = new Identities(null);
    const { layers, aggregator } = this.#draft;
    const rows = layers.map((layer, index) => h('section', { class: 'board-layer', data: { layer: String(index) }, 'aria-label': t('layer.short', { n: index + 1 }) },
      h('header', { class: 'layer-head' }, h('h3', {}, t('layer.short', { n: index + 1 }), h('span', { class: 'layer-role' }, t('layer.proposers'))),
        h('button', { type: 'button', class: 'quiet small', 'aria-label': t('editor.remove-layer.label', { n: index + 1 }), on: { click: () => this.#change(withoutLayer(this.#draft, index)) } }, t('editor.remove-layer'))),
      h('ol', { class: 'agent-list' }, ...layer.agents.map((agent, place) => this.#agent(agent, { layer: index, place }, identities))),
      layer.agents.length === 0 && h('p', { class: 'muted drop-here' }, t('editor.drop-here'))));
    const addLayer = h('button', { type: 'button', class: 'add-layer', on: { click: () => this.#change(withLayer(this.#draft)) } }, t('editor.add-layer'));
    const last = h('section', { class: 'board-layer board-aggregator', 'aria-label': t('layer.aggregator') },
      h('header', { class: 'layer-head' }, h('h3', {}, t('layer.short', { n: layers.length + 1 }), h('span', { class: 'layer-role' }, t('layer.aggregator')))),
      h('ol', { class: 'agent-list' }, this.#agentEditor(aggregator, { mark: badge(identities.of(aggregator.name || aggregator.model)), handle: null, onRemove: null,
        replace: (agent) => ({ ...this.#draft, aggregator: agent }) })));
    this.#isRendering = true;
    this.element.replaceChildren(...rows, addLayer, last);
    this.#isRendering = false;
  }

  #agent(agent, spot, identities) {
    const handle = this.#handle(agent, spot);
    const element = this.#agentEditor(agent, {
      handle,
      mark: badge(identities.of(agent.name || agent.model)),
      onRemove: () => {
        this.#change(withoutAgent(this.#draft, spot));
        announce(t('editor.removed', { agent: agent.name || agent.model }));
        (this.#handleAt({ ...spot, place: Math.max(0, spot.place - 1) }) ?? this.element.querySelector('.add-layer')).focus();
      },
      replace: (changed) => withAdded(withoutAgent(this.#draft, spot), spot, changed),
    });
    element.dataset.place = String(spot.place);
    return element;
  }

  #agentEditor(agent, { handle, mark, onRemove, replace }) {
    let current = agent;
    return agentEditor({
      agent, label: agent.name || agent.model, models: this.#models, mark, handle, onRemove,
      isOpen: this.#open.has(agent),
      onToggle: (isOpen) => (isOpen ? this.#open.add(current) : this.#open.delete(current)),
      onChange: (changes, isStructural) => {
        const isOpen = this.#open.has(current);
        current = { ...current, ...changes };
        if (isOpen) this.#open.add(current);
        // What is typed into a field must not be built anew under the cursor.
        this.#draft = replace(current);
        if (isStructural) this.#render();
        this.#onChange(this.#draft);
      },
    });
  }

  /** The handle of an agent: dragged with a pointer, or taken up with Space and moved with the arrow keys. */
  #handle(agent, spot) {
    const label = agent.name || agent.model;
    const isGrabbed = this.#grabbed !== null && sameSpot(this.#grabbed.spot, spot);
    const handle = h('button', { type: 'button', class: 'quiet handle', 'aria-pressed': String(isGrabbed), 'aria-label': t('editor.move', { agent: label }), title: t('editor.move.hint'),
      on: { keydown: (event) => this.#onHandleKey(event, spot, label), blur: () => this.#letGo(handle) } }, '⠿');
    makeDraggable(handle, {
      ghost: () => h('div', { class: 'chip' }, label),
      over: (target, point) => this.#showAim(target, point),
      cancel: () => this.#hideAim(),
      drop: (target, point) => {
        this.#hideAim();
        if (target?.closest('.board-aggregator')) return this.#change({ ...this.#draft, aggregator: { ...agent } });
        const to = this.#spotAt(target, point);
        if (!to) return undefined;
        // Its own place is free once it is taken out, so what stands behind it moves up.
        const place = to.layer === spot.layer && to.place > spot.place ? to.place - 1 : to.place;
        return this.#change(withMoved(this.#draft, spot, { layer: to.layer, place }));
      },
    });
    return handle;
  }

  #onHandleKey(event, spot, label) {
    const isGrabbed = this.#grabbed !== null;
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      this.#grabbed = isGrabbed ? null : { spot, before: this.#draft };
      announce(t(isGrabbed ? 'editor.dropped' : 'editor.grabbed', { agent: label, layer: spot.layer + 1, place: spot.place + 1 }));
      this.#render();
      this.#handleAt(spot)?.focus();
    } else if (isGrabbed && event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      const { before } = this.#grabbed;
      this.#grabbed = null;
      this.#change(before);
      announce(t('editor.put-back', { agent: label }));
      this.element.querySelector('.handle')?.focus();
    } else if (isGrabbed && event.key.startsWith('Arrow')) {
      event.preventDefault();
      const to = neighbour(this.#draft, spot, event.key);
      if (!to) return;
      this.#grabbed.spot = to;
      this.#change(withMoved(this.#draft, spot, to));
      this.#handleAt(to)?.focus();
      announce(t('editor.moved', { agent: label, layer: to.layer + 1, place: to.place + 1 }));
    }
  }

  /** Leaving a handle with Tab puts the agent down; the render that follows a step does not. */
  #letGo(handle) {
    if (this.#grabbed === null || this.#isRendering || !handle.isConnected) return;
    this.#grabbed = null;
    handle.setAttribute('aria-pressed', 'false');
  }

  #handleAt({ layer, place }) {
    return this.element.querySelectorAll(`[data-layer="${layer}"] .handle`)[place];
  }

  #spotAt(target, { x, y }) {
    const row = target?.closest('.board-layer[data-layer]');
    if (!row || !this.element.contains(row)) return null;
    const agents = [...row.querySelectorAll('.agent-edit')];
    const place = agents.findIndex((agent) => {
      const box = agent.getBoundingClientRect();
      return y < box.top || (y <= box.bottom && x < box.left + box.width / 2);
    });
    return { layer: Number(row.dataset.layer), place: place < 0 ? agents.length : place };
  }

  #showAim(target, point) {
    for (const row of this.element.children) row.classList.toggle('is-aimed', row.contains(target) && row.classList.contains('board-layer'));
    const spot = this.#spotAt(target, point);
    if (!spot) return this.#aim.remove();
    const list = this.element.querySelector(`[data-layer="${spot.layer}"] .agent-list`);
    return list.insertBefore(this.#aim, list.querySelectorAll('.agent-edit')[spot.place] ?? null);
  }

  #hideAim() {
    this.#aim.remove();
    for (const row of this.element.children) row.classList.remove('is-aimed');
  }
}

function sameSpot(a, b) {
  return a.layer === b.layer && a.place === b.place;
}

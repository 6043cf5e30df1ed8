// Drags a thing with a pointer: mouse, pen or finger. The keyboard's way is the board's own.

const SLACK_PX = 5;

/**
 * Makes an element drag something.
 * @param {HTMLElement} handle
 * @param {{ghost: () => HTMLElement, over: (target: Element|null, point: {x: number, y: number}) => void,
 *   drop: (target: Element|null, point: {x: number, y: number}) => void, cancel: () => void}} actions
 *   `ghost` gives a copy that follows the pointer.
 */
export function makeDraggable(handle, { ghost, over, drop, cancel }) {
  handle.addEventListener('pointerdown', (down) => {
    if (down.button !== 0) return;
    let copy = null;
    const controller = new AbortController();
    const { signal } = controller;
    const end = () => {
      controller.abort();
      copy?.remove();
      document.documentElement.classList.remove('is-dragging');
    };
    const below = (event) => document.elementFromPoint(event.clientX, event.clientY);
    const at = (event) => ({ x: event.clientX, y: event.clientY });
    handle.setPointerCapture(down.pointerId);
    handle.addEventListener('pointermove', (event) => {
      if (!copy) {
        if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < SLACK_PX) return;
        copy = ghost();
        copy.classList.add('ghost');
        document.body.append(copy);
        document.documentElement.classList.add('is-dragging');
      }
      copy.style.transform = `translate(${event.clientX + 8}px, ${event.clientY + 8}px)`;
      scrollNearEdge(event.clientY);
      over(below(event), at(event));
    }, { signal });
    handle.addEventListener('pointerup', (event) => {
      const wasDragged = copy !== null;
      end();
      if (wasDragged) drop(below(event), at(event));
    }, { signal });
    const giveUp = () => {
      end();
      cancel();
    };
    handle.addEventListener('pointercancel', giveUp, { signal });
    document.addEventListener('keydown', (event) => event.key === 'Escape' && giveUp(), { signal });
  });
}

/** A long board is reached by holding the thing near the window's edge. */
function scrollNearEdge(y) {
  const edge = 60;
  if (y < edge) scrollBy(0, -12);
  else if (y > innerHeight - edge) scrollBy(0, 12);
}

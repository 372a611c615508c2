// Views that outlive their place on a page.
//
// Streamlit calls a component's entry on every change of its data, mounts it anew after a page
// switch, and gives no name that survives that. So each view carries an id of ours in its data
// and is kept here.

/**
 * What Streamlit hands to a component.
 * @template T
 * @typedef {{
 *   data: T,
 *   parentElement: HTMLElement | ShadowRoot,
 *   setTriggerValue: (name: string, value: unknown) => void,
 * }} Component
 */

/**
 * @template T
 * @typedef {{
 *   root: HTMLElement,
 *   update: (component: Component<T>) => void,
 *   attached?: () => void,
 *   detached?: () => void,
 *   busy?: () => boolean,
 *   dispose?: () => void,
 * }} KeptView
 * `attached` runs after the root joined a page and `update` has run, `detached` before it leaves;
 * a busy view is never dropped.
 */

/**
 * Make a component's entry from a factory of views.
 * @template {{view: string}} T
 * @param {(component: Component<T>) => KeptView<T>} create gets the first call's component
 * @param {number} [limit] views kept, beyond those on the page
 * @returns {(component: Component<T>) => () => void}
 */
export function keepViews(create, limit = 4) {
  /** @type {Map<string, Entry<T>>} */
  const kept = new Map();
  return (component) => {
    const id = component.data.view;
    const entry = kept.get(id) ?? newEntry(create(component));
    kept.delete(id);
    kept.set(id, entry);
    const { view } = entry;
    const moved = view.root.parentNode !== component.parentElement;
    if (moved) component.parentElement.append(view.root);
    view.update(component);
    if (moved) {
      view.attached?.();
      restoreFocus(entry);
    }
    dropOldest(kept, limit);
    const mount = ++entry.mount;
    return () => {
      // Streamlit also cleans up a call that a later call on the same place has overtaken.
      if (mount !== entry.mount) return;
      view.detached?.();
      view.root.remove();
    };
  };
}

/**
 * @template T
 * @typedef {{view: KeptView<T>, mount: number, focused: HTMLElement | null}} Entry
 */

/**
 * @template T
 * @param {KeptView<T>} view
 * @returns {Entry<T>}
 */
function newEntry(view) {
  /** @type {Entry<T>} */
  const entry = { view, mount: 0, focused: null };
  const { root } = view;
  root.addEventListener('focusin', (event) => {
    entry.focused = /** @type {HTMLElement} */ (event.target);
  });
  // Leaving the page takes the focus too; only a person who moves it gives it up.
  root.addEventListener('focusout', () => setTimeout(() => {
    if (root.isConnected && !root.matches(':focus-within')) entry.focused = null;
  }));
  return entry;
}

/**
 * A rerun that is cut short may mount a component anew under a person's hands.
 * @template T
 * @param {Entry<T>} entry
 */
function restoreFocus({ focused }) {
  const free = !document.activeElement || document.activeElement === document.body;
  if (focused?.isConnected && free) focused.focus({ preventScroll: true });
}

/**
 * @template T
 * @param {Map<string, Entry<T>>} kept oldest first
 * @param {number} limit
 */
function dropOldest(kept, limit) {
  for (const [id, { view }] of kept) {
    if (kept.size <= limit) return;
    if (view.root.isConnected || view.busy?.()) continue;
    view.dispose?.();
    kept.delete(id);
  }
}

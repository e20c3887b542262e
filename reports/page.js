// What a page does beyond its charts: the remembered theme, sortable and filtered tables, CSV files.
(() => {
  'use strict';
  const root = document.documentElement;
  const store = {
    get: () => { try { return localStorage.getItem('vouch-theme'); } catch { return null; } },
    set: (v) => { try { localStorage.setItem('vouch-theme', v); } catch { /* private windows forget */ } },
  };
  const dark = () => (root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const button = document.getElementById('theme');
  const label = () => { button.textContent = dark() ? 'Light' : 'Dark'; };
  const saved = store.get();
  if (saved === 'dark' || saved === 'light') root.dataset.theme = saved;
  label();
  button.hidden = false;
  button.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    store.set(root.dataset.theme);
    label();
    document.dispatchEvent(new Event('vouch:theme'));
  });

  const key = (cell, numeric) => {
    const v = cell.dataset.sort;
    if (!numeric) return v.toLowerCase();
    return v === '' ? null : Number(v);
  };
  const compare = (a, b, sign) => {
    if (a === b) return 0;
    if (a === null) return 1; // what is not known stays last in both directions
    if (b === null) return -1;
    return (a < b ? -1 : 1) * sign;
  };
  for (const table of document.querySelectorAll('table')) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const original = [...body.rows];
    heads.forEach((th, col) => {
      const b = document.createElement('button');
      b.type = 'button';
      b.className = 'sort';
      b.append(...th.childNodes);
      th.append(b);
      b.addEventListener('click', () => {
        const numeric = th.classList.contains('num');
        const next = { none: numeric ? 'descending' : 'ascending', ascending: numeric ? 'none' : 'descending', descending: numeric ? 'ascending' : 'none' }[th.getAttribute('aria-sort')];
        for (const other of heads) other.setAttribute('aria-sort', 'none');
        th.setAttribute('aria-sort', next);
        const sign = next === 'descending' ? -1 : 1;
        const rows = next === 'none' ? original
          : [...original].sort((p, q) => compare(key(p.cells[col], numeric), key(q.cells[col], numeric), sign));
        body.append(...rows);
      });
    });
    const box = table.closest('.table');
    if (table.hasAttribute('data-filter')) {
      const filter = box.querySelector('.filter');
      filter.hidden = false;
      filter.querySelector('input').addEventListener('input', (e) => {
        const q = e.target.value.trim().toLowerCase();
        for (const row of original) row.hidden = q !== '' && !row.textContent.toLowerCase().includes(q);
      });
    }
  }
  for (const b of document.querySelectorAll('[data-csv]')) {
    b.hidden = false;
    b.addEventListener('click', () => {
      const { name, text } = JSON.parse(document.getElementById(`csv-${b.dataset.csv}`).textContent);
      const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
      const a = document.createElement('a');
      a.href = url;
      a.download = name;
      a.click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    });
  }
  // A link into what is folded opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const fold = target.querySelector(':scope > details.fold') || target.closest('details');
    if (fold && !fold.open) {
      fold.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', reveal);
  reveal();
  // On paper the method is read too.
  addEventListener('beforeprint', () => { for (const d of document.querySelectorAll('main details')) d.open = true; });
})();

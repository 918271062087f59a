// What a picture of the view needs to know, in CSS pixels of it.

// The letters of numbers on the page but `keep`, and what nobody can read there.
const privatePlaces = (keep) => {
  const numbers = [], unreadable = [];
  const width = Math.min(innerWidth, document.documentElement.clientWidth || innerWidth);
  const height = innerHeight;
  const add = (places, rect) => {
    const x = Math.max(0, rect.left - 1), y = Math.max(0, rect.top - 1);
    const right = Math.min(width, rect.right + 1), bottom = Math.min(height, rect.bottom + 1);
    if (rect.width > 0 && right > x && bottom > y)
      places.push({x, y, width: right - x, height: bottom - y});
  };
  // Twelve digits together, or in groups that a blank or a hyphen parts: [from, to] in the text.
  const found = (text) => {
    const spans = [...text.matchAll(/(?<!\d)\d{12}(?!\d)/g)]
      .filter((match) => match[0] !== keep).map((match) => [match.index, match.index + 12]);
    const row = /(?<!\d)\d+(?:[\u0020\u00a0\u2007\u2009\u202f\u2010\u2011-]\d+)+(?!\d)/g;
    for (const match of text.matchAll(row)) {
      const groups = [...match[0].matchAll(/\d+/g)];
      for (let first = 0; first < groups.length; first++) {
        let digits = '';
        for (const group of groups.slice(first)) {
          digits += group[0];
          if (digits.length >= 12) {
            if (digits.length === 12 && digits !== keep)
              spans.push([match.index + groups[first].index,
                          match.index + group.index + group[0].length]);
            break;
          }
        }
      }
    }
    return spans;
  };
  // Text nodes that stand in one line are read as one: a number may be split over elements.
  const near = (a, b) => {
    const one = [...a.getClientRects()].pop(), other = b.getClientRects()[0];
    return one && other && Math.abs(one.top - other.top) < one.height / 2
      && other.left - one.right > -3 && other.left - one.right < 12;
  };
  const whole = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return range;
  };
  let line = [];
  const flush = () => {
    const text = line.map((node) => node.data).join('');
    for (const [from, to] of found(text)) {
      let start = 0;
      for (const node of line) {
        const first = Math.max(from - start, 0), last = Math.min(to - start, node.data.length);
        if (first < last) {
          const range = document.createRange();
          range.setStart(node, first);
          range.setEnd(node, last);
          for (const rect of range.getClientRects()) add(numbers, rect);
        }
        start += node.data.length;
      }
    }
    line = [];
  };
  const closed = 'CANVAS,IFRAME,FRAME,OBJECT,EMBED,VIDEO';
  const walk = (root) => {
    for (const node of root.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!/\d/.test(node.data) && node.data.trim()) { flush(); continue; }
        if (!node.data.trim() && !line.length) continue;
        const last = line.filter((one) => one.data.trim()).pop();
        if (last && node.data.trim() && !near(whole(last), whole(node))) flush();
        line.push(node);
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.matches(closed)) add(unreadable, node.getBoundingClientRect());
        if (node.matches('input, textarea, select')) {
          const shown = node.selectedOptions?.[0]?.text || node.value || node.placeholder || '';
          if (found(shown).length) add(numbers, node.getBoundingClientRect());
        } else if (node.matches('img') && !node.naturalWidth && found(node.alt).length) {
          add(numbers, node.getBoundingClientRect());
        }
        if (node.shadowRoot) walk(node.shadowRoot);
        walk(node);
      }
    }
  };
  walk(document.body);
  flush();
  return {numbers, unreadable};
};

// Until the letters are drawn in the page's own fonts, or a moment: what is measured before moves.
const lettered = () => document.fonts.status === "loaded" ? null :
  Promise.race([document.fonts.ready, new Promise((resolve) => setTimeout(resolve, 3000))]);

// Brings the control into view, below its heading if both find room and nothing covers it, and says where it is.
const look = async (target, [keep, heading]) => {
  await lettered();
  const inView = (rect) => rect.top >= 0 && rect.bottom <= innerHeight;
  const free = () => {
    const rect = target.getBoundingClientRect();
    const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
    return hit !== null && (target.contains(hit) || hit.contains(target));
  };
  target.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
  if (heading && !inView(heading.getBoundingClientRect())) {
    const centred = scrollY;
    heading.scrollIntoView({block: 'start', inline: 'nearest', behavior: 'instant'});
    if (!inView(target.getBoundingClientRect()) || !free()) scrollTo({top: centred, behavior: 'instant'});
  }
  const rect = target.getBoundingClientRect();
  return {
    box: {x: rect.left, y: rect.top, width: rect.width, height: rect.height},
    covered: !free(),
    width: innerWidth, height: innerHeight, title: document.title, private: privatePlaces(keep),
    there: target.isConnected,
  };
};

const lookAround = async (keep) => {
  await lettered();
  return {width: innerWidth, height: innerHeight, title: document.title,
          private: privatePlaces(keep)};
};

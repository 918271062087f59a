/* global Vue, api, session, sessionLoaded, authLink */
const HEAD = '1.2.398.3.3.4.1.2.1';
const ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];
const BLOCKS = [
  ['documentsAccess', 'Контроль доступа к документам организации', 'Просмотр документов организации с ограниченным доступом и получение их сохраненных данных.'],
  ['documentsList', 'Контроль доступа к перечислению документов организации', 'Получение списка документов, подписанных сотрудниками или зарегистрированных информационными системами организации.'],
  ['documentsSettings', 'Контроль доступа к настройкам документов организации', 'Изменение настроек документов организации.'],
  ['packagesAccess', 'Контроль доступа к пакетам документов организации', 'Просмотр пакетов документов организации с ограниченным доступом.'],
  ['packagesList', 'Контроль доступа к перечислению пакетов документов организации', 'Получение списка пакетов документов организации.'],
  ['packagesSettings', 'Контроль доступа к настройкам пакетов документов организации', 'Изменение настроек пакетов документов организации.'],
  ['organizationSettings', 'Контроль доступа к настройкам организации', 'Просмотр и изменение этих настроек.'],
].map(([key, title, about]) => ({ key, title, about }));

const clone = (x) => JSON.parse(JSON.stringify(x));
const list = (x) => x || []; // the service may send null for an empty list
const toggled = (arr, v) => (arr.includes(v) ? arr.filter((x) => x !== v) : arr.concat(v));

const store = Vue.observable({ saved: null, draft: null, fetched: {}, authorities: {}, toast: '' });

function normalize(s) {
  s.tlsCertificatesList = list(s.tlsCertificatesList);
  for (const { key } of BLOCKS) {
    const b = s[key];
    if (b) s[key] = { authorities: list(b.authorities), tlsCertificatesIndices: list(b.tlsCertificatesIndices), iins: list(b.iins) };
  }
  return s;
}
const sig = (b) => JSON.stringify([[...b.authorities].sort(), [...b.tlsCertificatesIndices].sort((x, y) => x - y), [...b.iins].sort()]);
const isDirty = () => !!store.draft && BLOCKS.some(({ key }) => store.draft[key] && sig(store.draft[key]) !== sig(store.saved[key]));

const getSettings = () => api.get('/api/organizationSettings').then(normalize);
function say(text) {
  store.toast = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { store.toast = ''; }, 6000);
}
function take(s) { store.saved = s; store.draft = clone(s); }

// Lists of one block; the certificates must be the ones the indices of the other blocks speak of
async function fetchBlock(key) {
  const [s, str] = await Promise.all([getSettings(), api.strings()]);
  const names = (str.consts && (str.consts.ncaAuthorityOIDs || str.consts.extKeyUsageOIDs)) || {};
  store.authorities = names;
  if (JSON.stringify(s.tlsCertificatesList) !== JSON.stringify(store.saved.tlsCertificatesList)) {
    take(s);
    say('Список информационных систем изменился, отметки загружены заново');
  } else if (s[key]) {
    Vue.set(store.saved, key, s[key]);
    Vue.set(store.draft, key, clone(s[key]));
  }
  Vue.set(store.fetched, key, true);
}

Vue.component('tick-row', {
  props: { on: Boolean, fresh: Boolean },
  template: `<div class="tick" :class="{ on, fresh }" role="checkbox" :aria-checked="on ? 'true' : 'false'" tabindex="0" @click="$emit('flip')" @keydown.space.prevent="$emit('flip')">
    <i class="fa" :class="on ? 'fa-check-square-o' : 'fa-square-o'"></i><span><slot></slot></span><em><slot name="side"></slot></em></div>`,
});

Vue.component('access-block', {
  props: ['block'],
  data: () => ({ open: false, err: null, store }),
  computed: {
    ready() { return !!store.fetched[this.block.key]; },
    b() { return store.draft[this.block.key]; },
    was() { return store.saved[this.block.key]; },
    roles() { return [...new Set([HEAD, ...Object.keys(store.authorities), ...this.was.authorities])]; },
  },
  template: `<div class="list-group-item">
    <div class="ac-head" @click="flip"><i class="fa" :class="open ? 'fa-minus' : 'fa-plus'"></i><span>{{ block.title }}</span><em>ИС: {{ b.tlsCertificatesIndices.length }}</em></div>
    <div v-if="open" class="ac-body">
      <p class="text-muted mb-0">{{ block.about }}</p>
      <fail-note v-if="err" :err="err"></fail-note>
      <sk-lines v-else-if="!ready" n="4"></sk-lines>
      <template v-else>
        <h6>Полномочия</h6>
        <span v-for="o in roles" :key="o" class="pill" :class="{ on: o === head || b.authorities.includes(o), lock: o === head }" @click="role(o)"><i v-if="o === head" class="fa fa-lock mr-1"></i>{{ store.authorities[o] ? store.authorities[o].ru : o }}</span>
        <h6>Сотрудники</h6>
        <div v-for="i in b.iins" :key="i">{{ i.replace('IIN', 'ИИН ') }}</div><div v-if="!b.iins.length" class="text-muted">Никто не указан поименно</div>
        <h6>Информационные системы</h6>
        <tick-row v-for="(c, i) in store.saved.tlsCertificatesList" :key="i" :on="b.tlsCertificatesIndices.includes(i)"
          :fresh="b.tlsCertificatesIndices.includes(i) !== was.tlsCertificatesIndices.includes(i)" @flip="system(i)">{{ c.description }}<template #side>{{ c.disabled ? 'отключена' : '' }}</template></tick-row>
        <div v-if="!store.saved.tlsCertificatesList.length" class="text-muted">Сертификаты информационных систем еще не добавлены</div>
      </template>
    </div>
  </div>`,
  created() { this.head = HEAD; },
  methods: {
    async flip() {
      this.open = !this.open;
      if (!this.open || this.ready) return;
      this.err = null;
      try { await fetchBlock(this.block.key); } catch (e) { this.err = await api.explain(e); }
    },
    role(o) { if (o !== HEAD) this.b.authorities = toggled(this.b.authorities, o); },
    system(i) { this.b.tlsCertificatesIndices = toggled(this.b.tlsCertificatesIndices, i); },
  },
});

Vue.component('sec-access', {
  data: () => ({ store, busy: false, err: null }),
  computed: {
    blocks() { return BLOCKS.filter((b) => store.draft[b.key]); },
    dirty: isDirty,
    when() { return store.saved.modifiedAt ? new Date(store.saved.modifiedAt).toLocaleString('ru-RU') : ''; },
  },
  template: `<div>
    <p class="text-muted">Укажите, кому из сотрудников и каким информационным системам разрешены действия от имени организации.</p>
    <div class="list-group ac"><access-block v-for="b in blocks" :key="b.key" :block="b"></access-block></div>
    <fail-note v-if="err" :err="err"></fail-note>
    <div class="mt-4 d-flex align-items-center">
      <tg-btn :off="!dirty || busy" @press="save"><i class="fa mr-2" :class="busy ? 'fa-circle-o-notch fa-spin' : 'fa-floppy-o'"></i>Сохранить</tg-btn>
      <span class="text-muted ml-3">{{ busy ? 'Сохраняется…' : dirty ? 'Есть несохраненные изменения' : when && 'Сохранено ' + when }}</span>
    </div></div>`,
  methods: {
    async save() {
      this.err = null; this.busy = true;
      const before = store.saved;
      const body = clone(store.draft);
      store.saved = { ...clone(store.draft), modifiedAt: before.modifiedAt }; // drawn as stored at once, rolled back on failure
      ANSWER_ONLY.forEach((k) => delete body[k]);
      try {
        const res = await api.post('/api/organizationSettings', body);
        store.saved.modifiedAt = res.modifiedAt;
        say('Настройки сохранены');
      } catch (e) {
        store.saved = before;
        this.err = await api.explain(e);
      } finally { this.busy = false; }
    },
  },
});

Vue.component('sec-plan', {
  data: () => ({ plan: null, err: null }),
  async created() { try { this.plan = await api.get('/api/organizationSubscription'); } catch (e) { this.err = await api.explain(e); } },
  template: `<div><fail-note v-if="err" :err="err"></fail-note><sk-lines v-else-if="!plan"></sk-lines><div v-else>
    <div class="row-kv"><span>Тариф</span><span>{{ plan.name }}</span></div>
    <div class="row-kv"><span>Действует до</span><span>{{ plan.expires ? new Date(plan.expires).toLocaleDateString('ru-RU') : 'бессрочно' }}</span></div>
    <div class="row-kv" v-for="f in plan.features || []" :key="f.name"><span>{{ f.name }}</span><span><i class="fa" :class="f.enabled ? 'fa-check' : 'fa-minus'"></i></span></div></div></div>`,
});
const plain = (name, template) => Vue.component(name, { data: () => ({ s: store.saved }), template });
plain('sec-certs', `<div><div class="row-kv" v-for="(c, i) in s.tlsCertificatesList" :key="i"><span>{{ c.description }}</span><span>{{ c.disabled ? 'Отключен' : 'Используется' }}</span></div>
  <p v-if="!s.tlsCertificatesList.length" class="text-muted">Сертификатов пока нет.</p></div>`);
plain('sec-systems', '<p class="text-muted">Логотипы и тексты для карточек документов настраиваются отдельно для каждой информационной системы.</p>');
plain('sec-hooks', `<div><div v-for="u in (s.webhooks && s.webhooks.urls) || []" :key="u"><code>{{ u }}</code></div>
  <p v-if="!s.webhooks || !(s.webhooks.urls || []).length" class="text-muted">Адреса для уведомлений не заданы.</p></div>`);
plain('sec-archive', '<div class="row-kv"><span>Архивирование</span><span>{{ s.dataArchiveEnabled ? "Включено" : "Выключено" }}</span></div>');

const root = '/organization-settings';
const SECTIONS = [
  ['', 'Тарифный план', 'sec-plan'],
  ['/access-control', 'Контроль доступа', 'sec-access'],
  ['/certificates', 'Сертификаты информационных систем', 'sec-certs'],
  ['/systems', 'Настройки информационных систем', 'sec-systems'],
  ['/webhooks', 'Уведомления (webhook)', 'sec-hooks'],
  ['/archive', 'Архивирование подписанных данных', 'sec-archive'],
].map(([tail, title, view]) => ({ path: root + tail, title, view }));
const sectionAt = (path) => SECTIONS.find((s) => s.path === path.replace(/\/$/, '')) || SECTIONS[0];

new Vue({
  el: '#app',
  data: { session, store, sections: SECTIONS, current: sectionAt(location.pathname), state: 'loading', err: null },
  computed: { dirty: isDirty },
  async created() {
    window.addEventListener('popstate', () => { this.current = sectionAt(location.pathname); });
    await sessionLoaded;
    if (!session.user) { this.state = 'out'; return; }
    try {
      take(await getSettings());
      this.state = 'ready';
    } catch (e) {
      this.err = await api.explain(e);
      this.state = 'error';
    }
  },
  methods: {
    authLink,
    go(s) {
      if (s === this.current) return;
      history.pushState(null, '', s.path);
      this.current = s;
      window.scrollTo(0, 0);
    },
  },
});

/* global Vue, api, session, dictionary, debounce, notify, toAuth */
const BLOCKS = [
  ['documentsAccess', 'Контроль доступа к документам организации', 'Просмотр документов организации с ограниченным доступом и получение их сохранённых данных.'],
  ['documentsList', 'Контроль доступа к перечислению документов организации', 'Получение списка документов организации.'],
  ['documentsSettings', 'Контроль доступа к настройкам документов организации', 'Изменение настроек документов организации.'],
  ['packagesAccess', 'Контроль доступа к пакетам документов организации', 'Просмотр пакетов документов организации с ограниченным доступом.'],
  ['packagesList', 'Контроль доступа к перечислению пакетов документов организации', 'Получение списка пакетов документов организации.'],
  ['packagesSettings', 'Контроль доступа к настройкам пакетов документов организации', 'Изменение настроек пакетов документов организации.'],
  ['organizationSettings', 'Контроль доступа к настройкам организации', 'Просмотр и изменение настроек организации. Первый руководитель имеет доступ всегда.'],
].map(([key, title, about]) => ({ key, title, about }));
const ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];

// Empty lists may come as null.
const whole = (b) => ({ ...b, authorities: b.authorities || [], iins: b.iins || [], tlsCertificatesIndices: b.tlsCertificatesIndices || [] });
const bodies = (settings) => JSON.stringify((settings.tlsCertificatesList || []).map((c) => c.body));

// The last answer of the server, and the user's ticks laid over it: draft[block][index] = bool.
const org = Vue.observable({ settings: null, draft: {}, revision: 0, turn: 0 });
const actions = {
  async refresh() {
    const turn = ++org.turn;
    const fresh = await api.get('/api/organizationSettings');
    if (turn !== org.turn) return;
    if (org.settings && bodies(fresh) !== bodies(org.settings) && Object.keys(org.draft).length) {
      org.draft = {};
      notify('Список информационных систем изменился, отметьте нужные ещё раз');
    }
    org.settings = fresh;
    org.revision += 1;
  },
  stored: (key, i) => whole(org.settings[key]).tlsCertificatesIndices.includes(i),
  ticked(key, i) {
    const mine = (org.draft[key] || {})[i];
    return mine === undefined ? actions.stored(key, i) : mine;
  },
  tick(key, i, value) {
    const block = { ...org.draft[key], [i]: value };
    if (value === actions.stored(key, i)) delete block[i];
    const draft = { ...org.draft, [key]: block };
    if (!Object.keys(block).length) delete draft[key];
    org.draft = draft;
  },
  async save() {
    org.turn += 1;
    const body = JSON.parse(JSON.stringify(org.settings));
    ANSWER_ONLY.forEach((name) => delete body[name]);
    const all = (body.tlsCertificatesList || []).map((c, i) => i);
    BLOCKS.filter(({ key }) => body[key]).forEach(({ key }) => {
      body[key] = { ...whole(body[key]), tlsCertificatesIndices: all.filter((i) => actions.ticked(key, i)) };
    });
    const sent = org.draft;
    const { modifiedAt } = await api.post('/api/organizationSettings', body);
    org.settings = { ...org.settings, ...body, modifiedAt };
    if (org.draft === sent) org.draft = {};
    await actions.refresh().catch(() => {});
  },
};
const refreshSoon = debounce(() => actions.refresh().catch(() => {}), 150);

Vue.component('access-block', {
  template: '#access-block',
  props: ['block'],
  data: () => ({ org, waiting: true, error: null, names: {} }),
  computed: {
    data() { return whole(org.settings[this.block.key]); },
    certificates() { return org.settings.tlsCertificatesList || []; },
  },
  async created() {
    const consts = (await dictionary).consts || {};
    this.names = Object.entries({ ...consts.extKeyUsageOIDs, ...consts.ncaAuthorityOIDs })
      .reduce((all, [oid, text]) => ({ ...all, [oid]: text.ru }), {});
    refreshSoon.cancel();
    try { await actions.refresh(); } catch (e) { this.error = e; }
    this.waiting = false;
  },
  methods: {
    ticked(i) { return actions.ticked(this.block.key, i); },
    tick(i, value) { actions.tick(this.block.key, i, value); refreshSoon(); },
  },
});

const AccessView = {
  template: '#access-view',
  data: () => ({ org, open: null, waiting: true }),
  computed: { blocks: () => BLOCKS.filter((b) => org.settings[b.key]) },
  async created() { await actions.refresh().catch(() => {}); this.waiting = false; },
  methods: { toggle(key) { this.open = this.open === key ? null : key; }, changed: (key) => !!org.draft[key] },
};

const plain = (template) => ({ template, data: () => ({ org }), computed: { s: () => org.settings, list: () => org.settings.tlsCertificatesList || [] } });
const SubscriptionView = {
  template: `<div><skeleton v-if="!plan && !error"></skeleton><error-block v-else-if="error" :error="error"></error-block>
    <div v-else class="sheet"><p>Тариф: <b>{{ plan.name }}</b></p><p v-if="plan.expires">Действует до {{ new Date(plan.expires).toLocaleDateString('ru-RU') }}</p>
    <div v-for="f in plan.features || []" :key="f.name"><i class="mdi" :class="f.enabled ? 'mdi-check text-success' : 'mdi-close text-muted'"></i> {{ f.name }}</div></div></div>`,
  data: () => ({ plan: null, error: null }),
  created() { api.get('/api/organizationSubscription').then((p) => { this.plan = p; }, (e) => { this.error = e; }); },
};

const ROUTES = [
  { path: 'subscription', title: 'Подписка', icon: 'mdi-card-account-details-outline', view: SubscriptionView },
  { path: 'access-control', title: 'Контроль доступа', icon: 'mdi-shield-key-outline', view: AccessView },
  { path: 'certificates', title: 'Сертификаты информационных систем', icon: 'mdi-certificate-outline', view: plain(`<div class="sheet">
    <div v-for="(c, i) in list" :key="i" class="py-1"><i class="mdi mdi-server-outline"></i> {{ c.description }} <small v-if="c.disabled" class="text-danger">отключен</small></div>
    <div v-if="!list.length" class="text-muted">Сертификатов пока нет.</div></div>`) },
  { path: 'information-systems', title: 'Настройки информационных систем', icon: 'mdi-server-outline', view: plain('<div class="sheet text-muted">Логотипы и тексты карточек подписанных документов настраиваются отдельно для каждой информационной системы.</div>') },
  { path: 'webhooks', title: 'Уведомления Webhook', icon: 'mdi-webhook', view: plain(`<div class="sheet">
    <div v-for="u in (s.webhooks && s.webhooks.urls) || []" :key="u"><code>{{ u }}</code></div>
    <div v-if="!s.webhooks || !(s.webhooks.urls || []).length" class="text-muted">Адреса не заданы.</div></div>`) },
  { path: 'archive', title: 'Архивирование подписанных данных', icon: 'mdi-archive-outline', view: plain(`<div class="sheet">Архивирование {{ s.dataArchiveEnabled ? 'включено' : 'выключено' }}.
    <div v-if="s.dataArchiveContactEmail">Контактный адрес: {{ s.dataArchiveContactEmail }}</div></div>`) },
];
const routeOf = () => ROUTES.find((r) => location.hash === `#/${r.path}`) || ROUTES[0];

new Vue({
  el: '#app',
  data: { session, org, routes: ROUTES, route: routeOf(), state: 'loading', failure: null, saving: false, saveError: null },
  computed: { dirty: () => Object.keys(org.draft).length > 0 },
  async created() {
    window.addEventListener('hashchange', () => { this.route = routeOf(); });
    window.addEventListener('beforeunload', (e) => { if (this.dirty) { e.preventDefault(); e.returnValue = ''; } });
    await session.load();
    if (session.state === 'out') { this.state = 'out'; return; }
    try { await actions.refresh(); this.state = 'ready'; } catch (e) { this.failure = e; this.state = 'error'; }
  },
  methods: {
    toAuth,
    reset() { org.draft = {}; refreshSoon(); },
    async save() {
      refreshSoon.cancel();
      this.saving = true;
      this.saveError = null;
      notify('');
      try { await actions.save(); notify('Настройки организации сохранены'); } catch (e) { this.saveError = e; }
      this.saving = false;
    },
  },
});

/* global Vue, sx */
var HEAD = '1.2.398.3.3.4.1.2.1';
var ROLES = {
  '1.2.398.3.3.4.1.2.1': 'Первый руководитель', '1.2.398.3.3.4.1.2.2': 'Право подписи', '1.2.398.3.3.4.1.2.3': 'Право подписи финансовых документов',
  '1.2.398.3.3.4.1.2.4': 'Сотрудник отдела кадров', '1.2.398.3.3.4.1.2.5': 'Сотрудник организации'
};
var BLOCKS = [
  ['documentsAccess', 'документам организации', 'Просмотр документов организации с ограниченным доступом и получение их сохранённых данных'],
  ['documentsList', 'перечислению документов организации', 'Получение списка документов организации'],
  ['documentsSettings', 'настройкам документов организации', 'Изменение настроек документов организации'],
  ['packagesAccess', 'пакетам документов организации', 'Просмотр пакетов с ограниченным доступом и получение их сохранённых данных'],
  ['packagesList', 'перечислению пакетов документов организации', 'Получение списка пакетов организации'],
  ['packagesSettings', 'настройкам пакетов документов организации', 'Изменение настроек пакетов организации'],
  ['organizationSettings', 'настройкам организации', 'Просмотр и изменение настроек организации']
];
var FIELDS = ['authorities', 'iins', 'tlsCertificatesIndices'];
var ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];

new Vue({
  el: '#app',
  data: {
    state: 'loading', error: {}, view: '', org: '', draft: null, stored: '', panels: [], people: [], roles: ROLES, plan: {}, scrolled: false, saving: false,
    tabs: [{ field: 'authorities', title: 'Полномочия' }, { field: 'iins', title: 'Сотрудники' }, { field: 'tlsCertificatesIndices', title: 'Информационные системы' }],
    sections: [
      { id: 'plan', title: 'Подписка', icon: 'mdi-star-outline', note: 'тариф и возможности' },
      { id: 'access', title: 'Контроль доступа', icon: 'mdi-shield-account-outline', note: 'полномочия, сотрудники и информационные системы' },
      { id: 'certificates', title: 'Сертификаты информационных систем', icon: 'mdi-certificate-outline', note: 'ключи аутентификации mTLS' },
      { id: 'systems', title: 'Настройки информационных систем', icon: 'mdi-tune', note: 'логотипы и подписи' },
      { id: 'webhooks', title: 'Уведомления Webhook', icon: 'mdi-webhook', note: 'адреса для уведомлений' },
      { id: 'archive', title: 'Архивирование подписанных данных', icon: 'mdi-archive-outline', note: 'хранение документов' }
    ]
  },
  computed: {
    section: function () { return this.sections.find(function (s) { return s.id === this.view; }, this); },
    pool: function () {
      var roles = this.roles;
      return {
        authorities: Object.keys(roles).map(function (o) { return { value: o, text: roles[o], locked: o === HEAD, note: o === HEAD ? 'доступ есть всегда' : '' }; }),
        iins: this.people.map(function (i) { return { value: i, text: i.replace('IIN', 'ИИН ') }; }),
        tlsCertificatesIndices: this.draft.tlsCertificatesList.map(function (c, n) { return { value: n, text: c.description, note: c.disabled ? 'сертификат отключён' : '' }; })
      };
    },
    dirty: function () { return this.state === 'ready' && this.print() !== this.stored; }
  },
  created: function () {
    var self = this;
    this.readView();
    window.addEventListener('popstate', this.readView);
    window.addEventListener('scroll', function () { self.scrolled = window.pageYOffset > 30; });
    window.addEventListener('beforeunload', function (e) { if (self.dirty) { e.preventDefault(); e.returnValue = ''; } });
    this.load();
  },
  methods: {
    signIn: sx.signIn,
    readView: function () {
      var v = new URLSearchParams(location.search).get('view');
      this.view = this.sections.some(function (s) { return s.id === v; }) ? v : '';
    },
    go: function (view) {
      history.pushState(null, '', view ? '?view=' + view : location.pathname);
      this.view = view;
      window.scrollTo(0, 0);
    },
    load: async function () {
      this.state = 'loading';
      try {
        this.org = sx.attribute(await sx.api('get', '/api/auth'), 'O');
        var settings = await sx.api('get', '/api/organizationSettings');
        var names = ((await sx.strings).consts || {}).ncaAuthorityOIDs;
        this.open(settings, names);
        this.state = 'ready';
      } catch (e) {
        this.error = e.text ? e : { text: 'Не удалось показать настройки' };
        this.state = e.message === 'Authentication required' ? 'anonymous'
          : e.message === 'Access denied' || e.message === 'User does not represent an organization' ? 'denied' : 'error';
        return;
      }
      sx.api('get', '/api/organizationSubscription').then(function (p) { this.plan = p; }.bind(this), function () {});
    },
    open: function (settings, names) {
      var roles = {}, people = [];
      Object.keys(names || {}).forEach(function (o) { roles[o] = names[o].ru.charAt(0).toUpperCase() + names[o].ru.slice(1); });
      if (!Object.keys(roles).length) roles = Object.assign({}, ROLES);
      settings.tlsCertificatesList = settings.tlsCertificatesList || [];
      this.panels = BLOCKS.filter(function (b) { return settings[b[0]]; }).map(function (b) {
        var block = settings[b[0]];
        FIELDS.forEach(function (f) { block[f] = block[f] || []; });
        block.authorities.forEach(function (o) { roles[o] = roles[o] || o; });
        block.iins.forEach(function (i) { if (people.indexOf(i) < 0) people.push(i); });
        return { key: b[0], title: 'Контроль доступа к ' + b[1], hint: b[2], open: false, tab: 'tlsCertificatesIndices', q: '', iin: '' };
      });
      this.roles = roles;
      this.people = people;
      this.draft = settings;
      this.stored = this.print();
    },
    // What is chosen, regardless of the order of ticking.
    print: function () {
      var d = this.draft;
      return JSON.stringify(this.panels.map(function (p) { return FIELDS.map(function (f) { return d[p.key][f].slice().sort(); }); }));
    },
    count: function (p) { return FIELDS.reduce(function (n, f) { return n + this.draft[p.key][f].length; }.bind(this), 0); },
    found: function (p) {
      var q = p.q.trim().toLowerCase();
      return this.pool[p.tab].filter(function (i) { return i.text.toLowerCase().indexOf(q) >= 0; });
    },
    addPerson: function (p) {
      if (!/^\d{12}$/.test(p.iin)) return sx.snack('ИИН состоит из 12 цифр', true);
      var iin = 'IIN' + p.iin, list = this.draft[p.key].iins;
      if (this.people.indexOf(iin) < 0) this.people.push(iin);
      if (list.indexOf(iin) < 0) list.push(iin);
      p.iin = '';
    },
    save: async function () {
      var body = JSON.parse(JSON.stringify(this.draft)), sent = this.print();
      ANSWER_ONLY.forEach(function (k) { delete body[k]; });
      this.saving = true;
      try {
        this.draft.modifiedAt = (await sx.api('post', '/api/organizationSettings', body)).modifiedAt;
        this.stored = sent;
        sx.snack('Настройки сохранены');
      } catch (e) {
        sx.snack(e.more ? e.text + ': ' + e.more : e.text, true);
      }
      this.saving = false;
    }
  }
});

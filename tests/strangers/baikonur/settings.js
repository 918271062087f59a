(function () {
  'use strict';
  var HEAD = '1.2.398.3.3.4.1.2.1';
  var ANSWER_ONLY = ['businessId', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage', 'modifiedAt'];
  var BLOCKS = [
    ['documentsAccess', 'Контроль доступа к документам организации', 'Определяет право просматривать документы организации с ограниченным доступом и получать сохранённые данные таких документов.'],
    ['documentsList', 'Контроль доступа к перечислению документов организации', 'Определяет право получать перечень документов, подписанных сотрудниками организации либо зарегистрированных её информационными системами.'],
    ['documentsSettings', 'Контроль доступа к настройкам документов организации', 'Определяет право изменять настройки документов организации.'],
    ['packagesAccess', 'Контроль доступа к пакетам документов организации', 'Определяет право просматривать пакеты документов организации с ограниченным доступом.'],
    ['packagesList', 'Контроль доступа к перечислению пакетов документов организации', 'Определяет право получать перечень пакетов документов организации.'],
    ['packagesSettings', 'Контроль доступа к настройкам пакетов документов организации', 'Определяет право изменять настройки пакетов документов организации.'],
    ['organizationSettings', 'Контроль доступа к настройкам организации', 'Определяет право просматривать и изменять настройки организации, включая настоящий раздел.']
  ];
  function copy(value) { return JSON.parse(JSON.stringify(value)); }
  
  new Vue({
    el: '#app',
    data: {
      state: 'loading', organisation: '', settings: {}, blocks: [], authorities: {}, subscription: null,
      head: HEAD, error: null, notice: '', saving: false, stored: '', signInAddress: portal.signInAddress()
    },
    computed: {
      certificates: function () { return this.settings.tlsCertificatesList || []; },
      urls: function () { return (this.settings.webhooks || {}).urls || []; },
      changed: function () { return JSON.stringify(this.grants()) !== this.stored; }
    },
    watch: { changed: function (now) { if (now) this.notice = ''; } },
    methods: {
      identified: function (identity) {
        if (!identity) { this.state = 'out'; return; }
        this.organisation = portal.attribute(identity, 'O');
        this.load();
      },
      load: async function () {
        this.state = 'loading'; this.error = null;
        try {
          var got = await Promise.all([
            portal.get('/api/organizationSettings'), portal.strings(),
            portal.get('/api/organizationSubscription').catch(function () { return null; })
          ]);
          var oids = (got[1].consts || {}).ncaAuthorityOIDs || {}, names = {};
          names[HEAD] = 'Первый руководитель';
          Object.keys(oids).forEach(function (oid) { names[oid] = oids[oid].ru; });
          this.authorities = names;
          this.subscription = got[2];
          this.settings = got[0];
          this.reset();
          this.state = 'ready';
          this.$nextTick(function () { if (location.hash) location.replace(location.hash); });
        } catch (e) {
          this.error = await portal.explain(e.message);
          this.state = { 'Authentication required': 'out', 'Access denied': 'denied', 'User does not represent an organization': 'denied' }[e.message] || 'error';
        }
      },
      reset: function () {
        var settings = this.settings;
        this.blocks = BLOCKS.filter(function (b) { return settings[b[0]]; }).map(function (b) {
          var block = copy(settings[b[0]]);
          return { key: b[0], title: b[1], description: b[2],   authorities: block.authorities || [], iins: block.iins || [], tlsCertificatesIndices: block.tlsCertificatesIndices || [] };
        });
        this.stored = JSON.stringify(this.grants());
        this.error = null; this.notice = '';
      },
      grants: function () {
        var result = {};
        this.blocks.forEach(function (b) {
          result[b.key] = { authorities: b.authorities.slice().sort(), tlsCertificatesIndices: b.tlsCertificatesIndices.slice().sort(function (x, y) { return x - y; }), iins: b.iins.slice() };
        });
        return result;
      },
      toggleAll: function (open) { this.$refs.blocks.forEach(function (d) { d.open = open; }); },
      save: async function () {
        var body = Object.assign(copy(this.settings), this.grants());
        ANSWER_ONLY.forEach(function (key) { delete body[key]; });
        this.saving = true; this.error = null; this.notice = '';
        try {
          var answer = await portal.post('/api/organizationSettings', body);
          this.settings = Object.assign({}, this.settings, body, { modifiedAt: answer.modifiedAt });
          this.stored = JSON.stringify(this.grants());
          this.notice = 'Изменения настроек контроля доступа организации успешно сохранены.';
        } catch (e) {
          this.error = await portal.explain(e.message);
        } finally { this.saving = false; }
      },
      moment: function (ms) { return new Date(ms).toLocaleString('ru-RU'); }
    }
  });
})();

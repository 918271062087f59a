(function () {
  var OBJECTS = [
    ['documentsAccess', 'Контроль доступа к документам организации', 'Просмотр документов',
      'Просмотр документов организации с ограниченным доступом и получение их сохраненных данных.'],
    ['documentsList', 'Контроль доступа к перечислению документов организации', 'Получение списка документов',
      'Получение перечня документов, подписанных сотрудниками организации или зарегистрированных ее информационными системами.'],
    ['documentsSettings', 'Контроль доступа к настройкам документов организации', 'Изменение настроек документов',
      'Изменение настроек документов, подписанных другими сотрудниками или зарегистрированных информационными системами.'],
    ['packagesAccess', 'Контроль доступа к пакетам документов организации', 'Просмотр пакетов',
      'Просмотр пакетов документов организации с ограниченным доступом.'],
    ['packagesList', 'Контроль доступа к перечислению пакетов документов организации', 'Получение списка пакетов',
      'Получение перечня пакетов документов организации.'],
    ['packagesSettings', 'Контроль доступа к настройкам пакетов документов организации', 'Изменение настроек пакетов',
      'Изменение настроек пакетов документов организации.'],
    ['organizationSettings', 'Контроль доступа к настройкам организации', 'Просмотр и изменение этих настроек',
      'Просмотр и изменение настроек организации, в том числе прав доступа.'],
  ].map(function (o) { return { key: o[0], title: o[1], hint: o[2], description: o[3] }; });
  var ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];
  var LISTS = ['authorities', 'tlsCertificatesIndices', 'iins'];

  function copy(x) { return JSON.parse(JSON.stringify(x)); }

  // The order of ticking is no change.
  function fingerprint(settings) {
    var s = copy(settings);
    OBJECTS.forEach(function (o) {
      if (s[o.key]) LISTS.forEach(function (l) { s[o.key][l].sort(); });
    });
    return JSON.stringify(s);
  }

  var app = new Vue({
    el: '#app',
    data: {
      session: Site.session,
      head: Site.HEAD,
      view: 'overview',
      loading: true,
      error: null,
      settings: null,
      stored: '',
      subscription: null,
      authorities: [],
      employees: [],
      newIin: {},
    },
    filters: { date: function (ms) { return new Date(ms).toLocaleDateString('ru-RU'); } },
    computed: {
      objects: function () { var s = this.settings; return OBJECTS.filter(function (o) { return o.key in s; }); },
      certificates: function () { return this.settings.tlsCertificatesList || []; },
      dirty: function () { return !!this.settings && fingerprint(this.settings) !== this.stored; },
    },
    methods: {
      route: function () {
        if (location.hash === '#content') return; // the skip link
        this.view = location.hash === '#access-control' ? 'access' : 'overview';
      },
      load: async function () {
        try {
          var answer = await Site.call('get', '/api/organizationSettings');
          var strings = await Site.getStrings();
          var names = (strings.consts || {}).ncaAuthorityOIDs || Site.AUTHORITIES;
          var oids = Object.keys(names);
          var iins = [];
          OBJECTS.forEach(function (o) {
            if (!(o.key in answer)) return;
            var block = answer[o.key] = answer[o.key] || {};
            LISTS.forEach(function (l) { block[l] = block[l] || []; });
            oids = oids.concat(block.authorities);
            iins = iins.concat(block.iins);
          });
          this.authorities = Array.from(new Set(oids)).sort().map(function (oid) {
            return { oid: oid, title: Site.capital((names[oid] && names[oid].ru) || Site.AUTHORITIES[oid] || oid) };
          });
          this.employees = Array.from(new Set(iins));
          this.newIin = Object.fromEntries(OBJECTS.map(function (o) { return [o.key, '']; }));
          this.stored = fingerprint(answer);
          this.settings = answer;
          this.subscription = await Site.call('get', '/api/organizationSubscription').catch(function () { return null; });
        } catch (e) {
          await this.fail(e);
        } finally { this.loading = false; }
      },
      fail: async function (e) {
        this.error = await Site.explain(e);
        await this.$nextTick();
        window.scrollTo(0, 0);
        this.$refs.error.$el.focus();
      },
      addEmployee: function (key) {
        if (!/^\d{12}$/.test(this.newIin[key])) return;
        var iin = 'IIN' + this.newIin[key];
        if (this.employees.indexOf(iin) < 0) this.employees.push(iin);
        if (this.settings[key].iins.indexOf(iin) < 0) this.settings[key].iins.push(iin);
        this.newIin[key] = '';
      },
      save: async function () {
        if (!this.dirty) return;
        this.error = null;
        var body = copy(this.settings);
        ANSWER_ONLY.forEach(function (k) { delete body[k]; });
        try {
          var answer = await Site.call('post', '/api/organizationSettings', body);
          this.settings.modifiedAt = answer.modifiedAt;
          this.stored = fingerprint(this.settings);
          $(this.$refs.toast).toast('show');
          // the button is disabled now and would drop the focus
          await this.$nextTick();
          if (this.$refs.state) this.$refs.state.focus({ preventScroll: true });
        } catch (e) {
          await this.fail(e);
        }
      },
    },
    created: function () { this.route(); this.load(); },
  });

  window.addEventListener('hashchange', function () {
    var was = app.view;
    app.route();
    if (app.view === was) return;
    window.scrollTo(0, 0);
    app.$nextTick(function () { app.$refs.title.focus(); });
  });
  window.addEventListener('beforeunload', function (e) {
    if (app.dirty) { e.preventDefault(); e.returnValue = ''; }
  });
}());

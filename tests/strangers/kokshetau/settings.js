var BLOCKS = [
  ['documentsAccess', 'Контроль доступа к документам организации', 'Кто может просматривать документы организации с ограниченным доступом и получать их сохраненные данные.'],
  ['documentsList', 'Контроль доступа к перечислению документов организации', 'Кто может получать список документов организации.'],
  ['documentsSettings', 'Контроль доступа к настройкам документов организации', 'Кто может изменять настройки документов организации.'],
  ['packagesAccess', 'Контроль доступа к пакетам документов организации', 'Кто может просматривать пакеты документов организации с ограниченным доступом.'],
  ['packagesList', 'Контроль доступа к перечислению пакетов документов организации', 'Кто может получать список пакетов документов организации.'],
  ['packagesSettings', 'Контроль доступа к настройкам пакетов документов организации', 'Кто может изменять настройки пакетов документов организации.'],
  ['organizationSettings', 'Контроль доступа к настройкам организации', 'Кто может просматривать и изменять настройки организации.']
];
var HEAD_OID = '1.2.398.3.3.4.1.2.1';
var ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];

if ('scrollRestoration' in history) history.scrollRestoration = 'manual';

new Vue({
  el: '#app',
  data: {
    state: 'loading', error: null, saveError: null, saving: false,
    flash: sessionStorage.getItem('flash'), org: '', authUrl: SIGEX.authUrl(),
    s: null, plan: null, blocks: [], authorities: {}, iins: [],
    kinds: [
      { field: 'authorities', title: 'Полномочия' },
      { field: 'iins', title: 'Сотрудники' },
      { field: 'tlsCertificatesIndices', title: 'Информационные системы' }
    ],
    sections: [
      { id: 'subscription', title: 'Подписка' }, { id: 'access', title: 'Контроль доступа' },
      { id: 'certificates', title: 'Сертификаты информационных систем' }, { id: 'systems', title: 'Настройки информационных систем' },
      { id: 'webhooks', title: 'Webhook уведомления' }, { id: 'archive', title: 'Архивирование подписанных данных' }
    ]
  },
  computed: {
    hooks: function () { return (this.s.webhooks && this.s.webhooks.urls) || []; }
  },
  created: function () {
    var self = this;
    sessionStorage.removeItem('flash');
    axios.get('/api/organizationSettings').then(SIGEX.check).then(function (d) {
      self.fill(d);
      self.state = 'ready';
      axios.get('/api/organizationSubscription').then(SIGEX.check).then(function (p) { self.plan = p; }).catch($.noop);
    }).catch(function (e) {
      SIGEX.errorText(e).then(function (t) { self.error = t; self.state = 'error'; });
    });
  },
  methods: {
    fill: function (d) {
      var self = this;
      d.tlsCertificatesList = d.tlsCertificatesList || [];
      BLOCKS.forEach(function (b) {
        if (!d[b[0]]) return;
        self.kinds.forEach(function (k) { d[b[0]][k.field] = d[b[0]][k.field] || []; });
        d[b[0]].iins.forEach(function (i) { if (self.iins.indexOf(i) < 0) self.iins.push(i); });
        self.blocks.push({ name: b[0], title: b[1], text: b[2], open: false, asked: false, ready: false, error: '', draw: 0, iin: '' });
      });
      self.s = d;
    },
    date: function (ms) { return ms ? new Date(ms).toLocaleDateString('ru-RU') : ''; },
    go: function (id) {
      var $p = $('#' + id);
      $p.find('.area').slideDown(200);
      $('html, body').animate({ scrollTop: $p.offset().top - 10 }, 300);
    },
    toggle: function (b) {
      b.open = !b.open;
      if (b.open && !b.asked) this.load(b);
    },
    load: function (b) {
      var self = this;
      b.asked = true; b.error = '';
      SIGEX.strings().then(function (str) {
        self.authorities = (str.consts || {}).ncaAuthorityOIDs || {};
        setTimeout(function () { b.ready = true; }, 350);
      }).catch(function (e) {
        b.asked = false;
        b.error = 'Не удалось загрузить списки: ' + e.message;
      });
    },
    rows: function (b, k) {
      var self = this, chosen = self.s[b.name][k.field];
      function on(v) { return chosen.indexOf(v) >= 0; }
      if (k.field === 'tlsCertificatesIndices') {
        return self.s.tlsCertificatesList.map(function (c, i) {
          return { value: i, name: c.description, note: c.disabled ? 'отключен' : '', on: on(i), locked: false };
        });
      }
      if (k.field === 'iins') {
        return self.iins.map(function (v) { return { value: v, name: v.replace(/^IIN/, ''), note: 'ИИН', on: on(v), locked: false }; });
      }
      var oids = Object.keys(self.authorities);
      chosen.concat([HEAD_OID]).forEach(function (v) { if (oids.indexOf(v) < 0) oids.push(v); });
      return oids.sort().map(function (v) {
        var head = v === HEAD_OID;
        return { value: v, name: self.authorities[v] ? self.authorities[v].ru : (head ? 'Первый руководитель' : v), note: head ? 'всегда' : '', on: head || on(v), locked: head };
      });
    },
    allOn: function (b, k) {
      var r = this.rows(b, k);
      return r.length > 0 && r.every(function (x) { return x.on; });
    },
    put: function (b, k, r, on) {
      var list = this.s[b.name][k.field], at = list.indexOf(r.value);
      if (on && at < 0) list.push(r.value);
      if (!on && at >= 0 && !r.locked) list.splice(at, 1);
      if (k.field === 'tlsCertificatesIndices') list.sort(function (x, y) { return x - y; });
    },
    set: function (b, k, r, on) { this.put(b, k, r, on); b.draw++; },
    setAll: function (b, k, on) {
      var self = this;
      self.rows(b, k).forEach(function (r) { self.put(b, k, r, on); });
      b.draw++;
    },
    addIin: function (b) {
      if (!/^\d{12}$/.test(b.iin)) { alert('ИИН состоит из 12 цифр'); return; }
      var v = 'IIN' + b.iin;
      if (this.iins.indexOf(v) < 0) this.iins.push(v);
      b.iin = '';
      this.set(b, this.kinds[1], { value: v }, true);
    },
    save: function () {
      var self = this, body = $.extend({}, self.s);
      ANSWER_ONLY.forEach(function (f) { delete body[f]; });
      self.saving = true; self.saveError = null; self.flash = null;
      axios.post('/api/organizationSettings', body).then(SIGEX.check).then(function () {
        sessionStorage.setItem('flash', 'Настройки организации сохранены.');
        location.reload();
      }).catch(function (e) {
        self.saving = false;
        SIGEX.errorText(e).then(function (t) {
          self.saveError = t;
          $('html, body').animate({ scrollTop: 0 }, 300);
        });
      });
    }
  }
});

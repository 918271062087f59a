// Shared by all pages: strings, error texts, header.
var SIGEX = {
  _strings: null,
  strings: function () {
    if (!SIGEX._strings) {
      SIGEX._strings = axios.get('/api/strings').then(function (r) { return SIGEX.check(r); });
      SIGEX._strings.catch(function () { SIGEX._strings = null; });
    }
    return SIGEX._strings;
  },
  // The service reports its errors with HTTP 200 and a "message".
  check: function (r) {
    if (r.data && r.data.message) {
      var e = new Error(r.data.message);
      e.api = r.data.message;
      throw e;
    }
    return r.data;
  },
  errorText: function (e) {
    var key = e.api || (e.response && e.response.data && e.response.data.message);
    if (!key) {
      return Promise.resolve({ key: '', title: 'Ошибка связи с сервером', text: e.message || String(e) });
    }
    return SIGEX.strings().then(function (s) {
      var m = (s.errorMessages || {})[key];
      if (!m) return { key: key, title: 'Непредвиденное сообщение сервера', text: key };
      return { key: key, title: m.ru.charAt(0).toUpperCase() + m.ru.slice(1), text: typeof m.description === 'string' ? m.description : '' };
    }).catch(function () { return { key: key, title: key, text: '' }; });
  },
  subject: function (identity, name) {
    var found = '';
    (identity.subjectStructure || []).forEach(function (rdn) {
      rdn.forEach(function (a) {
        if (a.name === name && !a.valueInB64) found = a.value.replace(/\\(.)/g, '$1');
      });
    });
    return found;
  },
  authUrl: function () {
    return '/auth?returnUrl=' + encodeURIComponent(location.pathname + location.search);
  }
};

Vue.component('site-header', {
  data: function () { return { known: false, user: null, name: '', org: '', roles: [], canEdit: false }; },
  template:
    '<div class="top"><div class="container">' +
    '<div class="user-box" v-if="known">' +
    '  <a v-if="!user" href="javascript:void(0)" class="user-icon" title="Вход" @click="signIn"><i class="fa fa-sign-in"></i></a>' +
    '  <a v-else href="javascript:void(0)" class="user-icon" :title="name" @click.stop="toggle"><i class="fa fa-user-circle-o"></i></a>' +
    '  <div class="user-menu" v-if="user" @click.stop><table>' +
    '    <tr><td><b>{{ name }}</b></td></tr>' +
    '    <tr v-if="org"><td>{{ org }}</td></tr>' +
    '    <tr v-for="r in roles"><td><small class="text-muted">{{ r }}</small></td></tr>' +
    '    <tr class="line" v-if="canEdit"><td><a href="/organization-settings"><i class="fa fa-cogs"></i> Настройки организации</a></td></tr>' +
    '    <tr class="line"><td><a href="javascript:void(0)" @click="signOut"><i class="fa fa-power-off"></i> Выход</a></td></tr>' +
    '  </table></div>' +
    '</div>' +
    '<a class="brand" href="/">SIGEX</a>' +
    '<a class="nav-link" href="/">Подписать</a>' +
    '<a class="nav-link" href="javascript:void(0)">Проверить</a>' +
    '<a class="nav-link" href="javascript:void(0)">Пакет документов</a>' +
    '<a class="nav-link" href="javascript:void(0)">Поддержка</a>' +
    '</div></div>',
  created: function () {
    var self = this;
    axios.get('/api/auth').then(SIGEX.check).then(function (d) {
      self.user = d;
      self.name = SIGEX.subject(d, 'CN');
      self.org = SIGEX.subject(d, 'O');
      self.known = true;
      self.$emit('user', { name: self.name, org: self.org });
      SIGEX.strings().then(function (s) {
        var names = $.extend({}, (s.consts || {}).extKeyUsageOIDs, (s.consts || {}).ncaAuthorityOIDs);
        self.roles = (d.extKeyUsages || []).filter(function (o) { return names[o]; }).map(function (o) { return names[o].ru; });
      }).catch($.noop);
      return axios.get('/api/organizationPermissions').then(SIGEX.check).then(function (p) { self.canEdit = !!p.organizationSettings; });
    }).catch(function () { self.known = true; });
  },
  mounted: function () {
    $(document).on('click', function () { $('.user-menu').slideUp(120); });
  },
  methods: {
    signIn: function () { location.href = SIGEX.authUrl(); },
    toggle: function () { $('.user-menu').stop(true, true).slideToggle(120); },
    signOut: function () {
      axios.post('/api/auth', { logout: true }).then(SIGEX.check).then(function () { location.href = '/'; })
        .catch(function (e) { SIGEX.errorText(e).then(function (t) { alert(t.title); }); });
    }
  }
});

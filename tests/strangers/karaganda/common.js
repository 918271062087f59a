var strings = null;

function loadStrings() {
  if (strings) return Promise.resolve(strings);
  return axios.get('/api/strings').then(function (r) { strings = r.data; return strings; });
}

// every call goes through here: a body with "message" is a failure whatever the code is
function api(method, url, data) {
  return axios({ method: method, url: url, data: data, validateStatus: null }).then(function (r) {
    if (!r.data || typeof r.data !== 'object') throw { text: 'Сервис ответил непонятно (код ' + r.status + ')', message: '' };
    if (r.data.message) throw { message: r.data.message };
    return r.data;
  }).catch(function (e) {
    if (e.isAxiosError) throw { text: 'Нет связи с сервисом', descr: 'Проверьте подключение к интернету и обновите страницу.' };
    if (e.text) throw e;
    return loadStrings().catch(function () { return null; }).then(function (s) {
      var m = s && s.errorMessages && s.errorMessages[e.message];
      if (!m) throw { message: e.message, text: 'Неожиданное сообщение сервиса: ' + e.message };
      throw { message: e.message, text: m.ru.charAt(0).toUpperCase() + m.ru.slice(1), descr: m.description };
    });
  });
}

function toLogin() {
  location.href = '/login?returnUrl=' + encodeURIComponent(location.pathname + location.search + location.hash);
}

Vue.component('site-top', {
  data: function () { return { user: null, ready: false, canEdit: false, auths: [] }; },
  template:
    '<div class="top"><div class="container d-flex align-items-center">' +
    '<span class="logo pointer" @click="go(\'/\')">SIGEX</span>' +
    '<span class="nav-item pointer">Подписать</span><span class="nav-item pointer">Проверить</span>' +
    '<span class="nav-item pointer">Пакеты</span><span class="nav-item pointer">Разработчикам</span>' +
    '<div class="ml-auto">' +
    '<span v-if="ready && !user" class="fa fa-sign-in user-icon" @click="login"></span>' +
    '<div v-if="user" class="dropdown">' +
    '<i class="fa fa-user-circle-o user-icon" data-toggle="dropdown"></i>' +
    '<div class="dropdown-menu dropdown-menu-right">' +
    '<div class="px-4 py-2"><b>{{ name("CN") }}</b><div>{{ name("O") }}</div>' +
    '<div v-for="a in auths" class="small text-muted">{{ a }}</div></div>' +
    '<div class="dropdown-divider"></div>' +
    '<span class="dropdown-item">Мои документы</span>' +
    '<span class="dropdown-item">Мои настройки</span>' +
    '<span v-if="canEdit" class="dropdown-item" @click="go(\'/organization-settings\')">Настройки организации</span>' +
    '<div class="dropdown-divider"></div>' +
    '<span class="dropdown-item" @click="logout">Выйти</span>' +
    '</div></div></div></div></div>',
  created: function () {
    var self = this;
    api('get', '/api/auth').then(function (u) {
      self.user = u;
      self.ready = true;
      loadStrings().then(function (s) {
        var names = s.consts.ncaAuthorityOIDs;
        self.auths = (u.extKeyUsages || []).filter(function (o) { return names[o]; }).map(function (o) { return names[o].ru; });
      });
      return api('get', '/api/organizationPermissions').then(function (p) { self.canEdit = p.organizationSettings; });
    }).catch(function () { self.ready = true; });
  },
  methods: {
    name: function (attr) {
      var found = '';
      (this.user.subjectStructure || []).forEach(function (rdn) {
        rdn.forEach(function (a) { if (a.name === attr) found = a.value.replace(/\\/g, ''); });
      });
      return found;
    },
    go: function (url) { location.href = url; },
    login: toLogin,
    logout: function () {
      api('post', '/api/auth', { logout: true }).then(function () { location.href = '/'; }, function (e) { alert(e.text); });
    }
  }
});

Vue.component('error-box', {
  props: ['error'],
  template:
    '<div class="alert alert-danger"><b>{{ error.text }}</b><div v-if="error.descr">{{ error.descr }}</div>' +
    '<div class="small mt-2">Возможно, не отвечают службы OCSP или TSP удостоверяющего центра, ' +
    'смотрите <a href="#">состояние внешних сервисов</a>.</div></div>'
});

/* Things shared by every page: calls, waiting window, identity, header, error block. */
(function () {
  var AUTHORITIES = {
    '1.2.398.3.3.4.1.2.1': 'Первый руководитель',
    '1.2.398.3.3.4.1.2.2': 'Право подписи',
    '1.2.398.3.3.4.1.2.3': 'Право подписи финансовых документов',
    '1.2.398.3.3.4.1.2.4': 'Сотрудник отдела кадров',
    '1.2.398.3.3.4.1.2.5': 'Сотрудник организации',
  };
  var HEAD = '1.2.398.3.3.4.1.2.1';

  // --- waiting window; calls may overlap, hence the counter
  var $wait = $('<div class="modal wait" tabindex="-1" role="dialog" aria-label="Выполняется запрос">' +
    '<div class="modal-dialog modal-dialog-centered modal-sm"><div class="modal-content">' +
    '<div><span class="spinner-border text-primary" aria-hidden="true"></span></div>' +
    '<div class="mt-3" role="status"></div></div></div></div>').appendTo('body');
  var running = 0;
  var focused = null;

  function begin(text) {
    $wait.find('[role=status]').text(text || 'Пожалуйста, подождите…');
    running += 1;
    if (running > 1) return;
    focused = document.activeElement;
    $wait.modal({ backdrop: 'static', keyboard: false });
  }
  function end() {
    running -= 1;
    if (running > 0) return;
    $wait.modal('hide');
    // give the focus back, bootstrap leaves it on the body
    if (focused && focused !== document.body && document.contains(focused)) focused.focus({ preventScroll: true });
  }

  // --- calls: a field `message` means failure whatever the code
  function call(method, url, data) {
    begin();
    return axios({ method: method, url: url, data: data, validateStatus: null }).then(function (response) {
      var body = response.data;
      if (body && body.message) throw { message: body.message };
      if (response.status !== 200 || !body || typeof body !== 'object') throw { message: 'HTTP ' + response.status };
      return body;
    }).finally(end);
  }

  var strings = null;
  function getStrings() {
    if (!strings) strings = call('get', '/api/strings').catch(function () { strings = null; return {}; });
    return strings;
  }

  function capital(s) { return s.charAt(0).toUpperCase() + s.slice(1); }

  // English message of the service -> what is shown
  function explain(error) {
    var message = error.message || String(error);
    return getStrings().then(function (s) {
      var known = (s.errorMessages || {})[message];
      return {
        code: message,
        title: known ? capital(known.ru) : 'Непредвиденное сообщение сервиса: ' + message,
        description: known && known.description ? capital(known.description) : '',
        authRequired: message === 'Authentication required',
        denied: message === 'Access denied' || message === 'User does not represent an organization',
      };
    });
  }

  function authUrl() {
    return '/auth?returnUrl=' + encodeURIComponent(location.pathname + location.search + location.hash);
  }

  // --- identity
  var session = Vue.observable({ ready: false, user: '', organisation: '', authorities: [], canEditSettings: false });

  function attribute(identity, name) {
    var found = [].concat.apply([], identity.subjectStructure || []).filter(function (a) { return a.name === name; })[0];
    return found ? found.value.replace(/\\(.)/g, '$1') : '';
  }

  session.loaded = call('get', '/api/auth').then(function (identity) {
    session.user = attribute(identity, 'CN') || identity.userId;
    session.organisation = attribute(identity, 'O');
    session.authorities = (identity.extKeyUsages || []).map(function (o) { return AUTHORITIES[o]; }).filter(Boolean);
    if (!identity.businessId) return null;
    return call('get', '/api/organizationPermissions').then(function (p) {
      session.canEditSettings = p.organizationSettings === true;
    });
  }).catch(function () { /* signed out, or no rights at all */ }).then(function () { session.ready = true; });

  Vue.directive('tip', {
    inserted: function (el, binding) { $(el).tooltip({ title: binding.value, trigger: 'hover focus', placement: 'left', boundary: 'window' }); },
    unbind: function (el) { $(el).tooltip('dispose'); },
  });

  Vue.component('site-header', {
    data: function () { return { session: session }; },
    methods: {
      signIn: function () { location.href = authUrl(); },
      signOut: function () {
        call('post', '/api/auth', { logout: true }).catch(function () {}).then(function () { location.href = '/'; });
      },
    },
    template:
      '<header>' +
      '<a class="sr-only sr-only-focusable" href="#content">Перейти к содержимому</a>' +
      '<nav class="navbar navbar-expand navbar-dark bg-primary" aria-label="Основное меню"><div class="container">' +
      '<a class="navbar-brand" href="/">SIGEX</a>' +
      '<ul class="navbar-nav mr-auto">' +
      '<li class="nav-item"><a class="nav-link" href="/">Подписание</a></li>' +
      '<li class="nav-item"><a class="nav-link disabled" tabindex="-1" aria-disabled="true">Проверка</a></li>' +
      '<li class="nav-item"><a class="nav-link disabled" tabindex="-1" aria-disabled="true">Поддержка</a></li></ul>' +
      '<ul class="navbar-nav" v-if="session.ready">' +
      '<li class="nav-item" v-if="!session.user"><a class="nav-link" href="/auth" @click.prevent="signIn" aria-label="Войти" title="Войти">' +
      '<i class="fa fa-sign-in fa-lg" aria-hidden="true"></i></a></li>' +
      '<li class="nav-item dropdown" v-else>' +
      '<button type="button" class="btn btn-link nav-link" id="user-menu" data-toggle="dropdown" aria-haspopup="true" aria-expanded="false" aria-label="Меню пользователя">' +
      '<i class="fa fa-user-circle-o fa-lg" aria-hidden="true"></i></button>' +
      '<div class="dropdown-menu dropdown-menu-right user-menu" aria-labelledby="user-menu">' +
      '<div class="dropdown-header"><div class="font-weight-bold text-dark">{{ session.user }}</div><div>{{ session.organisation }}</div>' +
      '<div v-for="a in session.authorities" class="small">{{ a }}</div></div><div class="dropdown-divider"></div>' +
      '<a v-if="session.canEditSettings" class="dropdown-item" href="/organization-settings"><i class="fa fa-fw fa-cog" aria-hidden="true"></i> Настройки организации</a>' +
      '<button type="button" class="dropdown-item" @click="signOut"><i class="fa fa-fw fa-sign-out" aria-hidden="true"></i> Выйти</button>' +
      '</div></li></ul></div></nav></header>',
  });

  Vue.component('error-block', {
    props: ['error'],
    methods: { link: authUrl },
    template:
      '<div class="alert" :class="error.authRequired ? \'alert-warning\' : \'alert-danger\'" role="alert" tabindex="-1">' +
      '<h2 class="h5 alert-heading">{{ error.title }}</h2>' +
      '<p v-if="error.description" class="mb-2">{{ error.description }}.</p>' +
      '<p v-if="error.authRequired" class="mb-0"><a class="alert-link" :href="link()">Перейти на страницу аутентификации</a></p>' +
      '<p v-else-if="!error.denied" class="small mb-0">Возможно, недоступны службы OCSP или TSP НУЦ РК, ' +
      'проверьте <a class="alert-link" href="https://sigex.kz/support/external-services" rel="noopener">состояние внешних сервисов</a>.</p></div>',
  });

  window.Site = { call: call, begin: begin, end: end, explain: explain, getStrings: getStrings, capital: capital,
    session: session, AUTHORITIES: AUTHORITIES, HEAD: HEAD };
}());

/* Common parts of every page: header, footer, cookie notice, service calls. */
(function () {
  'use strict';
  var strings = null;

  function ServiceError(message) { this.message = message; }

  // A "message" in an answer is a refusal, whatever the HTTP code is.
  function unwrap(response) {
    var data = response.data;
    if (data && typeof data === 'object' && 'message' in data) throw new ServiceError(data.message);
    return data;
  }
  function failed(error) {
    if (error instanceof ServiceError) throw error;
    if (error.response && error.response.data && error.response.data.message) throw new ServiceError(error.response.data.message);
    throw new ServiceError(error.message || 'Network Error');
  }
  function get(url) { return axios.get(url).catch(failed).then(unwrap); }
  function post(url, body) { return axios.post(url, body).catch(failed).then(unwrap); }

  function loadStrings() {
    if (!strings) strings = get('/api/strings').catch(function () { return { errorMessages: {}, consts: {} }; });
    return strings;
  }
  function explain(message) {
    return loadStrings().then(function (all) {
      var known = (all.errorMessages || {})[message];
      if (!known || !known.ru) return { title: 'Получено непредусмотренное сообщение сервиса', description: '', message: message };
      return { title: known.ru.charAt(0).toUpperCase() + known.ru.slice(1), description: known.description || '', message: message };
    });
  }
  function attribute(identity, name) {
    var found = '';
    (identity.subjectStructure || []).forEach(function (rdn) {
      rdn.forEach(function (part) { if (part.name === name && !part.valueInB64) found = part.value.replace(/\\(.)/g, '$1'); });
    });
    return found;
  }
  function signInAddress() {
    return '/authentication?returnUrl=' + encodeURIComponent(location.pathname + location.search + location.hash);
  }
  // Only addresses of this very site are acceptable for return.
  function safeReturn() {
    var wanted = new URLSearchParams(location.search).get('returnUrl') || '/';
    try {
      var url = new URL(wanted, location.origin);
      return url.origin === location.origin && url.pathname !== '/authentication' ? url.pathname + url.search + url.hash : '/';
    } catch (e) { return '/'; }
  }

  Vue.component('portal-header', {
    data: function () { return { state: 'checking', user: null, canEdit: false, open: false, font: localStorage.getItem('font') || '', contrast: localStorage.getItem('contrast') === '1' }; },
    computed: {
      signIn: function () { return location.pathname === '/authentication' ? location.pathname + location.search : signInAddress(); }
    },
    created: function () {
      var self = this;
      this.apply();
      Promise.all([get('/api/auth'), loadStrings()]).then(function (got) {
        var names = (got[1].consts || {}).extKeyUsageOIDs || {};
        self.user = {
          name: attribute(got[0], 'CN'), organisation: attribute(got[0], 'O'),
          authorities: (got[0].extKeyUsages || []).filter(function (oid) { return names[oid]; }).map(function (oid) { return names[oid].ru; })
        };
        self.state = 'in';
        self.$emit('identity', got[0]);
        return get('/api/organizationPermissions').then(function (p) { self.canEdit = !!p.organizationSettings; }, function () {});
      }, function () { self.state = 'out'; self.$emit('identity', null); });
      document.addEventListener('click', function (e) { if (self.$refs.account && !self.$refs.account.contains(e.target)) self.open = false; });
    },
    methods: {
      apply: function () {
        document.documentElement.className = (this.font ? 'font-' + this.font : '') + (this.contrast ? ' contrast' : '');
        localStorage.setItem('font', this.font);
        localStorage.setItem('contrast', this.contrast ? '1' : '0');
      },
      setFont: function (size) { this.font = size; this.apply(); },
      toggleContrast: function () { this.contrast = !this.contrast; this.apply(); },
      escape: function () { if (this.open) { this.open = false; this.$refs.toggle.focus(); } },
      signOut: function () { post('/api/auth', { logout: true }).catch(function () {}).then(function () { location.assign('/'); }); }
    },
    template: `<header>
      <div class="band py-1"><div class="container d-flex flex-wrap justify-content-between">
        <div role="group" aria-label="Настройка отображения сайта">
          <button type="button" :aria-pressed="String(contrast)" @click="toggleContrast"><i class="bi bi-eye" aria-hidden="true"></i> Версия для слабовидящих</button>
          <button type="button" :aria-pressed="String(font === '')" @click="setFont('')" aria-label="Обычный размер шрифта">А</button>
          <button type="button" :aria-pressed="String(font === 'l')" @click="setFont('l')" aria-label="Увеличенный размер шрифта">А+</button>
          <button type="button" :aria-pressed="String(font === 'xl')" @click="setFont('xl')" aria-label="Крупный размер шрифта">А++</button>
        </div>
        <nav aria-label="Выбор языка"><ul class="d-flex">
          <li class="ml-3"><a href="/kk" hreflang="kk" lang="kk">Қазақша</a></li>
          <li class="ml-3"><span aria-current="true"><strong>Русский</strong></span></li>
          <li class="ml-3"><a href="/en" hreflang="en" lang="en">English</a></li>
        </ul></nav>
      </div></div>
      <div class="masthead"><div class="container d-flex align-items-center py-2">
        <a class="logo mr-4" href="/" aria-label="SIGEX, переход на главную страницу">SIGEX</a>
        <nav class="mr-auto" aria-label="Основное меню"><ul class="plain d-flex flex-wrap">
          <li class="mr-3"><a href="/">Подписание документов</a></li>
          <li class="mr-3"><a href="/support/verify">Проверка подписей</a></li>
          <li class="mr-3"><a href="/support/">Справочная информация</a></li>
        </ul></nav>
        <div class="account" ref="account" @keydown.esc="escape">
          <span v-if="state === 'checking'" class="sr-only">Проверка сведений о пользователе</span>
          <a v-if="state === 'out'" class="account-icon" :href="signIn" title="Войти в систему"><i class="bi bi-box-arrow-in-right" aria-hidden="true"></i><span class="sr-only">Войти в систему</span></a>
          <template v-if="state === 'in'">
            <button type="button" class="account-icon" ref="toggle" :aria-expanded="String(open)" aria-controls="account-panel" title="Личный кабинет" @click="open = !open">
              <i class="bi bi-person-circle" aria-hidden="true"></i><span class="sr-only">Личный кабинет пользователя {{ user.name }}</span></button>
            <div id="account-panel" class="account-panel" v-show="open">
              <p class="mb-1"><strong>{{ user.name }}</strong></p>
              <p class="mb-1" v-if="user.organisation">{{ user.organisation }}</p>
              <p class="hint" v-if="user.authorities.length">{{ user.authorities.join('; ') }}</p>
              <nav aria-label="Личный кабинет"><ul class="plain">
                <li><a href="/support/documents">Перечень документов</a></li>
                <li><a href="/support/profile">Настройки пользователя</a></li>
                <li v-if="canEdit"><a href="/organization-settings">Настройки организации</a></li>
                <li><button type="button" class="exit" @click="signOut">Завершить сеанс и выйти</button></li>
              </ul></nav>
            </div>
          </template>
        </div>
      </div></div>
    </header>`
  });

  Vue.component('portal-footer', {
    data: function () { return { notice: localStorage.getItem('cookies') !== 'accepted' }; },
    methods: { accept: function () { localStorage.setItem('cookies', 'accepted'); this.notice = false; } },
    template: `<footer class="footer"><div class="container">
        <p class="mb-1">© Сервис электронного подписания SIGEX. Республика Казахстан.</p>
        <ul class="plain d-flex flex-wrap">
          <li class="mr-3"><a href="/support/privacy">Политика обработки персональных данных</a></li>
          <li class="mr-3"><a href="/support/accessibility">Заявление о доступности</a></li>
          <li><a href="/support/services">Состояние внешних сервисов</a></li></ul>
      </div>
      <div v-if="notice" class="cookies" role="region" aria-label="Уведомление об использовании файлов cookie"><div class="container d-flex align-items-center">
        <p class="mb-0 mr-3">Настоящим уведомляем, что сайт использует файлы cookie, необходимые для его надлежащего функционирования. Продолжая использование сайта, Вы выражаете согласие с их обработкой.</p>
        <button type="button" class="btn btn-outline-dark" @click="accept">Ознакомлен</button>
      </div></div>
    </footer>`
  });

  Vue.component('error-block', {
    props: ['error'],
    template: `<div role="alert" class="alert alert-danger">
      <p class="mb-1"><strong>{{ error.title }}<template v-if="error.description">: {{ error.description }}</template>.</strong></p>
      <p class="mb-1">Ответ сервиса: <q lang="en">{{ error.message }}</q></p>
      <p class="mb-0 small">Возможной причиной является временная недоступность служб OCSP и TSP Национального удостоверяющего центра. С их текущим состоянием можно ознакомиться на странице <a href="/support/services">«Состояние внешних сервисов»</a>.</p>
    </div>`
  });

  window.portal = { attribute: attribute, get: get, post: post, explain: explain, strings: loadStrings, signInAddress: signInAddress, safeReturn: safeReturn };
})();

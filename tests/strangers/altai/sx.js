/* Shared by all pages: calls, typography, icons, header, toasts. */
(function () {
  var PATHS = {
    enter: 'M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M4 12h11M11 8l4 4-4 4',
    user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20.5c.8-4 4-6 8-6s7.2 2 8 6',
    gear: 'M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1',
    leave: 'M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M9 12h11M16 8l4 4-4 4',
    right: 'M9 5l7 7-7 7', check: 'M4 12.5l5.5 5.5L20 6.5', close: 'M6 6l12 12M18 6L6 18',
    file: 'M6 3h8l5 5v13H6zM14 3v5h5', key: 'M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 12l9-9M16 7l3 3'
  };
  Vue.component('ic', { props: ['n'], template: '<svg class="ic" viewBox="0 0 24 24" aria-hidden="true"><path :d="d"/></svg>', computed: { d: function () { return PATHS[this.n]; } } });

  // Glue short words to the next one, keep the dash on its line, let long words break by syllables.
  var V = '[аеёиоуыэюя]', N = '[бвгджзклмнпрстфхцчшщ]', A = '[а-яё]', SHY = '\u00AD';
  var RULES = [['[йъь]', A + A], [V, V + A], [V + N, N + V], [N + V, N + V], [V + N, N + N + V]].map(function (p) { return new RegExp('(' + p[0] + ')(?=' + p[1] + ')', 'gi'); });
  function typo(text) {
    return String(text == null ? '' : text)
      .replace(/[а-яё]{10,}/gi, function (word) {
        return RULES.reduce(function (w, re) { return w.replace(re, '$1' + SHY); }, word).replace(/\u00AD(?=.{0,2}$)/g, '');
      })
      .replace(/(^|[\s\u00A0«(])([а-яёa-z]{1,2}|для|или) (?=\S)/gi, '$1$2\u00A0')
      .replace(/ ([—–])/g, '\u00A0$1');
  }
  Vue.filter('t', typo);

  var bus = new Vue({ data: { toasts: [], me: null, rights: {}, ready: false } });
  function toast(text, bad) {
    var one = { id: Date.now() + Math.random(), text: text, bad: !!bad };
    bus.toasts.push(one);
    if (!bad) setTimeout(function () { drop(one); }, 6000);
  }
  function drop(one) { bus.toasts = bus.toasts.filter(function (t) { return t !== one; }); }

  var words;
  function strings() {
    words = words || axios.get('/api/strings').then(function (r) { return r.data || {}; }, function () { return {}; });
    return words;
  }
  // Any answer with `message` is a failure, whatever its HTTP code.
  function call(method, url, data) {
    return axios({ method: method, url: url, data: data, validateStatus: null }).then(function (r) {
      if (r.data && r.data.message) return strings().then(function (s) { throw explain(r.data.message, (s.errorMessages || {})[r.data.message]); });
      if (r.status >= 400 || typeof r.data !== 'object') throw { message: '', title: 'Сервис не справился с запросом', more: 'Код ответа ' + r.status + '. Попробуйте через минуту.' };
      return r.data;
    }, function () { throw { message: '', title: 'Нет связи с сервисом', more: 'Проверьте интернет и попробуйте еще раз.' }; });
  }
  function explain(message, known) {
    if (!known || !known.ru) return { message: message, title: 'Сервис ответил неожиданно', more: 'Вот его слова: ' + message };
    return { message: message, title: capital(known.ru), more: /[а-яё]/i.test(known.description || '') ? capital(known.description).replace(/\.?$/, '.') : '' };
  }
  function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }
  function fromSubject(me, name) {
    var found = [].concat.apply([], me.subjectStructure || []).filter(function (p) { return p.name === name; })[0];
    return found ? found.value.replace(/\\(.)/g, '$1') : '';
  }
  function enterUrl() { return '/enter?returnUrl=' + encodeURIComponent(location.pathname + location.search + location.hash); }

  Vue.component('top-bar', {
    template:
      '<header class="top"><div class="container"><a href="/" class="top__logo">Sigex</a>' +
      '<nav class="top__nav"><a href="/">Подписать</a><a href="#" @click.prevent="later">Проверить</a><a href="#" @click.prevent="later">Пакет документов</a></nav>' +
      '<div class="top__end" ref="end"><template v-if="b.ready">' +
      '<a v-if="!b.me" :href="enterUrl()" class="round" data-tip="Войти с ЭЦП" aria-label="Войти с ЭЦП"><ic n="enter"/></a>' +
      '<template v-else><button type="button" class="round" :data-tip="name" :aria-label="\'Меню: \' + name" aria-haspopup="true" :aria-expanded="String(open)" @click="open = !open"><ic n="user"/></button>' +
      '<div v-if="open" class="drop"><div class="drop__who"><b>{{ name }}</b><small v-if="org">{{ org | t }}</small><small v-if="roles">{{ roles | t }}</small></div>' +
      '<a v-if="b.rights.organizationSettings" href="/organization-settings" class="drop__item"><ic n="gear"/><span>Настройки&nbsp;органи&shy;зации</span></a>' +
      '<a href="#" class="drop__item" @click.prevent="later"><ic n="file"/><span>Мои&nbsp;документы</span></a>' +
      '<button type="button" class="drop__item" @click="leave"><ic n="leave"/><span>Выйти</span></button></div></template>' +
      '</template></div></div>' +
      '<div class="toasts" aria-live="polite"><div v-for="t in b.toasts" :key="t.id" class="toast-x" :class="{\'toast-x--bad\': t.bad}" :role="t.bad ? \'alert\' : \'status\'"><span>{{ t.text | t }}</span>' +
      '<button type="button" aria-label="Закрыть" @click="drop(t)"><ic n="close"/></button></div></div></header>',
    data: function () { return { b: bus, open: false, roles: '' }; },
    computed: {
      name: function () { return fromSubject(this.b.me, 'CN') || this.b.me.userId; },
      org: function () { return fromSubject(this.b.me, 'O'); }
    },
    created: function () {
      var self = this;
      call('get', '/api/auth').then(function (me) {
        bus.me = me;
        strings().then(function (s) {
          var names = (s.consts || {}).extKeyUsageOIDs || {};
          self.roles = (me.extKeyUsages || []).map(function (o) { return names[o] && names[o].ru; }).filter(Boolean).join(', ');
        });
        return call('get', '/api/organizationPermissions').then(function (r) { bus.rights = r; }, function () {});
      }, function (e) { if (!e.message) toast(e.title + '. ' + e.more, true); }).then(function () { bus.ready = true; self.$emit('ready'); });
      document.addEventListener('click', function (e) { if (!self.$refs.end.contains(e.target)) self.open = false; });
      document.addEventListener('keydown', function (e) { if (e.key === 'Escape') self.open = false; });
    },
    methods: {
      enterUrl: enterUrl, drop: drop,
      later: function () { toast('Этот раздел откроем чуть позже.'); },
      leave: function () { call('post', '/api/auth', { logout: true }).then(function () { location.href = '/'; }, function (e) { toast('Не получилось выйти. ' + e.title, true); }); }
    }
  });
  window.SX = { bus: bus, call: call, toast: toast, strings: strings, fromSubject: fromSubject, enterUrl: enterUrl };
})();

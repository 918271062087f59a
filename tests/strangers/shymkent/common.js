/* global Vue, axios */
(function () {
  var strings = axios.get('/api/strings').then(function (r) { return r.data || {}; }).catch(function () { return {}; });

  // Every answer with "message" is a failure, whatever the HTTP code is.
  function api(method, url, data) {
    return axios({ method: method, url: url, data: data }).catch(function (e) {
      if (e.response && e.response.data && e.response.data.message) return e.response;
      throw { text: 'Сервис не отвечает. Проверьте соединение и попробуйте ещё раз.' };
    }).then(function (r) {
      if (!r.data || !r.data.message) return r.data;
      return explain(r.data.message).then(function (e) { throw e; });
    });
  }
  function explain(message) {
    return strings.then(function (s) {
      var known = (s.errorMessages || {})[message];
      if (!known || !known.ru) return { message: message, text: 'Неожиданный ответ сервиса: ' + message };
      var text = known.ru.charAt(0).toUpperCase() + known.ru.slice(1);
      var more = known.description && (known.description.ru || known.description);
      return { message: message, text: text, more: typeof more === 'string' ? more : '' };
    });
  }

  var bus = new Vue({ data: { snacks: [], n: 0 } });
  function snack(text, bad) {
    var s = { id: ++bus.n, text: text, bad: !!bad };
    bus.snacks.push(s);
    setTimeout(function () { bus.snacks.splice(bus.snacks.indexOf(s), 1); }, 4000);
  }
  function attribute(user, name) {
    var found = '';
    (user.subjectStructure || []).forEach(function (rdn) {
      (rdn || []).forEach(function (a) { if (a.name === name && !found) found = String(a.value).replace(/\\(.)/g, '$1'); });
    });
    return found;
  }
  function signIn() { location.href = '/login?returnUrl=' + encodeURIComponent(location.pathname + location.search); }

  Vue.component('top-bar', {
    data: function () { return { user: null, known: false, may: {}, names: {}, open: false }; },
    computed: {
      name: function () { return attribute(this.user, 'CN'); },
      org: function () { return attribute(this.user, 'O'); },
      initials: function () { return this.name.split(/\s+/).slice(0, 2).map(function (w) { return w.charAt(0); }).join('').toUpperCase(); },
      roles: function () {
        var names = this.names;
        return (this.user.extKeyUsages || []).filter(function (o) { return names[o]; }).map(function (o) { return names[o].ru; });
      }
    },
    created: function () {
      var self = this;
      strings.then(function (s) { self.names = (s.consts || {}).extKeyUsageOIDs || {}; });
      api('get', '/api/auth').then(function (u) {
        self.user = u;
        return api('get', '/api/organizationPermissions').then(function (p) { self.may = p || {}; });
      }).catch(function () {}).then(function () { self.known = true; });
    },
    methods: {
      signIn: signIn,
      signOut: function () {
        api('post', '/api/auth', { logout: true }).then(function () { location.href = '/'; }, function (e) { snack(e.text, true); });
      },
      soon: function () { this.open = false; snack('Раздел скоро появится'); }
    },
    template:
      '<div><div class="topbar"><a class="logo" href="/">SIGE<i>X</i></a>' +
      '<div class="me avatar" v-if="user" @click="open = true">{{ initials }}</div>' +
      '<div class="avatar wait" v-else-if="!known"></div>' +
      '<div class="me" v-else @click="signIn"><span class="mdi mdi-account-circle"></span></div></div>' +
      '<div class="scrim" :class="{on: open}" @click="open = false"></div>' +
      '<div class="drawer" :class="{on: open}" v-if="user">' +
      '<div class="drawer-head"><div class="avatar big">{{ initials }}</div><b>{{ name }}</b><div>{{ org }}</div>' +
      '<div class="grey" v-for="r in roles">{{ r }}</div></div>' +
      '<div class="drawer-item" @click="soon"><span class="mdi mdi-file-document-multiple-outline"></span>Мои документы</div>' +
      '<div class="drawer-item" @click="soon"><span class="mdi mdi-cog-outline"></span>Настройки профиля</div>' +
      '<a class="drawer-item" href="/organization-settings" v-if="may.organizationSettings"><span class="mdi mdi-domain"></span>Настройки организации</a>' +
      '<div class="drawer-item" @click="signOut"><span class="mdi mdi-logout"></span>Выйти</div></div></div>'
  });
  Vue.component('snack-bar', {
    computed: { list: function () { return bus.snacks; } },
    template: '<transition-group name="pop" tag="div" class="snacks" aria-live="polite"><div class="snack" :class="{bad: s.bad}" v-for="s in list" :key="s.id">{{ s.text }}</div></transition-group>'
  });
  window.sx = { api: api, snack: snack, signIn: signIn, attribute: attribute, strings: strings };
})();

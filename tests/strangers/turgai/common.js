/* global Vue, axios */
// A JSON field `message` is a failure whatever the HTTP code
class ApiError extends Error {
  constructor(body) { super(body.message); this.requestID = body.requestID; }
}
const api = {
  async call(method, url, data) {
    let res;
    try {
      res = await axios({ method, url, data });
    } catch (e) {
      if (e.response && e.response.data && e.response.data.message) throw new ApiError(e.response.data);
      throw new ApiError({ message: 'Сервис не отвечает' });
    }
    if (res.data && res.data.message) throw new ApiError(res.data);
    return res.data;
  },
  get(url) { return this.call('get', url); },
  post(url, body) { return this.call('post', url, body); },
  strings() {
    if (!this._strings) this._strings = this.get('/api/strings').catch(() => ({ errorMessages: {}, consts: {} }));
    return this._strings;
  },
  async explain(e) {
    const dict = (await this.strings()).errorMessages || {};
    const known = dict[e.message];
    let text = e.message;
    if (known) text = known.ru[0].toUpperCase() + known.ru.slice(1) + (known.description ? `: ${known.description}.` : '');
    return { raw: e.message, text, requestID: e.requestID };
  },
};

const session = Vue.observable({ ready: false, user: null, canEdit: false });

function authLink() {
  return '/auth?returnUrl=' + encodeURIComponent(location.pathname + location.search);
}

async function loadSession() {
  try {
    const id = await api.get('/api/auth');
    const attr = (n) => {
      for (const rdn of id.subjectStructure || []) for (const a of rdn) if (a.name === n) return a.value.replace(/\\(.)/g, '$1');
      return '';
    };
    session.user = { name: attr('CN'), org: attr('O'), bin: id.businessId, usages: id.extKeyUsages || [], roles: [] };
  } catch (e) {
    session.ready = true;
    return;
  }
  session.ready = true; // draw the icon right away, rights come later
  api.strings().then((s) => {
    const names = (s.consts && s.consts.extKeyUsageOIDs) || {};
    session.user.roles = session.user.usages.map((o) => names[o] && names[o].ru).filter(Boolean);
  });
  try {
    session.canEdit = !!(await api.get('/api/organizationPermissions')).organizationSettings;
  } catch (e) { session.canEdit = false; }
}
const sessionLoaded = loadSession();

Vue.component('tg-btn', {
  props: { off: Boolean, ghost: Boolean },
  template: `<div class="tg-btn" :class="{ off, ghost }" role="button" :tabindex="off ? -1 : 0" :aria-disabled="off ? 'true' : null"
    @click="hit" @keydown.enter="hit"><slot></slot></div>`,
  methods: { hit() { if (!this.off) this.$emit('press'); } },
});

Vue.component('fail-note', {
  props: ['err'],
  template: `<div class="note"><b>{{ err.text }}</b>
    <small v-if="err.text !== err.raw">{{ err.raw }}</small><small v-if="err.requestID">Номер запроса: {{ err.requestID }}</small>
    <small>Возможно, временно недоступны сервисы OCSP или TSP НУЦ РК, см. <a href="/status">состояние внешних сервисов</a>.</small></div>`,
});

Vue.component('sk-lines', {
  props: { n: { default: 3 } },
  template: '<div><i v-for="i in +n" :key="i" class="sk" :style="{ width: (95 - i * 37 % 45) + \'%\' }"></i></div>',
});

Vue.component('top-bar', {
  data: () => ({ session, open: false }),
  template: `<div>
    <div class="hd">
      <a href="/" class="hd-logo">SIGEX</a>
      <div class="hd-links"><a href="/">Подписать</a><a href="/verify">Проверить</a><a href="/package">Пакет документов</a><a href="/support">Поддержка</a></div>
      <i v-if="!session.ready" class="sk" style="width:42px;height:42px;border-radius:50%"></i>
      <div v-else-if="!session.user" class="hd-btn" title="Войти" @click="signIn"><i class="fa fa-sign-in"></i></div>
      <div v-else class="hd-btn" @click="open = true"><i class="fa fa-user-circle-o"></i></div>
    </div>
    <transition name="fade"><div v-if="open" class="oc-back" @click="open = false"></div></transition>
    <transition name="slide"><div v-if="open" class="oc">
      <i class="fa fa-times oc-x" @click="open = false"></i>
      <div class="oc-who"><b>{{ session.user.name }}</b><span>{{ session.user.org }}</span><span v-for="r in session.user.roles" :key="r">{{ r }}</span></div>
      <ul class="oc-list">
        <li class="dim"><i class="fa fa-files-o"></i><span>Мои документы</span></li>
        <li class="dim"><i class="fa fa-cog"></i><span>Настройки пользователя</span></li>
        <li v-if="session.canEdit" @click="go('/organization-settings')"><i class="fa fa-building-o"></i><span>Настройки организации</span></li>
        <li @click="signOut"><i class="fa fa-sign-out"></i><span>Выйти</span></li>
      </ul>
    </div></transition>
  </div>`,
  methods: {
    signIn() { location.href = authLink(); },
    go(url) { location.href = url; },
    async signOut() {
      try { await api.post('/api/auth', { logout: true }); } finally { location.href = '/'; }
    },
  },
});

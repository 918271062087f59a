/* global Vue, axios */
// Dictionary of the service: error texts and names of authorities.
const dictionary = axios.get('/api/strings').then((r) => r.data).catch(() => ({}));
async function explain(answer) {
  const known = ((await dictionary).errorMessages || {})[answer.message];
  if (!known) return { title: 'Неизвестное сообщение сервиса', description: '', message: answer.message };
  const about = known.description && (known.description.ru || known.description);
  const title = known.ru.charAt(0).toUpperCase() + known.ru.slice(1);
  return { title, description: typeof about === 'string' ? about : '', message: answer.message };
}

// Any JSON with `message` is a failure, whatever the HTTP code.
async function call(request) {
  let answer;
  try {
    answer = (await request).data;
  } catch (e) {
    answer = e.response && e.response.data;
    if (!answer || !answer.message) throw { title: 'Сервис недоступен', description: e.message };
  }
  if (answer && answer.message) throw await explain(answer);
  return answer;
}
const api = { get: (url) => call(axios.get(url)), post: (url, body) => call(axios.post(url, body)) };
function debounce(fn, ms) {
  let timer;
  const run = function run(...args) { clearTimeout(timer); timer = setTimeout(() => fn.apply(this, args), ms); };
  run.cancel = () => clearTimeout(timer);
  return run;
}

function returnUrl() {
  const asked = new URL(new URLSearchParams(location.search).get('returnUrl') || '/', location.origin);
  return asked.origin === location.origin ? asked.pathname + asked.search + asked.hash : '/';
}
function toAuth() {
  location.href = `/auth?returnUrl=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
}

const session = Vue.observable({ state: 'loading', user: '', organisation: '', authorities: [], permissions: {} });
session.load = async () => {
  try {
    const me = await api.get('/api/auth');
    const rdn = [].concat(...(me.subjectStructure || []));
    const value = (name) => ((rdn.find((a) => a.name === name) || {}).value || '').replace(/\\(.)/g, '$1');
    const names = ((await dictionary).consts || {}).extKeyUsageOIDs || {};
    session.user = value('CN');
    session.organisation = value('O');
    session.authorities = (me.extKeyUsages || []).filter((oid) => names[oid]).map((oid) => names[oid].ru);
    session.permissions = me.businessId ? await api.get('/api/organizationPermissions').catch(() => ({})) : {};
    session.state = 'in';
  } catch (e) {
    session.state = 'out';
  }
};

const bar = Vue.observable({ text: '' });
function notify(text) {
  bar.text = text;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => { bar.text = ''; }, 6000);
}

Vue.component('snackbar', {
  data: () => ({ bar }),
  template: `<transition name="rise"><div v-if="bar.text" class="snack" role="status">
    <i class="mdi mdi-check-circle-outline"></i> {{ bar.text }}</div></transition>`,
});
Vue.component('error-block', {
  props: ['error', 'hint'],
  template: `<div class="alert alert-danger mb-0" role="alert">
    <div><i class="mdi mdi-alert-circle-outline"></i> <b>{{ error.title }}</b></div>
    <div v-if="error.description">{{ error.description }}</div>
    <div v-if="error.message" class="small">Ответ сервиса: <code>{{ error.message }}</code></div>
    <div v-if="hint" class="small mt-2">Возможно, недоступны службы OCSP или TSP НУЦ РК, см. <a href="/support/services" class="alert-link">состояние внешних сервисов</a>.</div>
  </div>`,
});
Vue.component('skeleton', {
  props: { lines: { default: 3 } },
  template: '<div class="skeleton" aria-hidden="true"><span v-for="n in lines" :key="n" :style="{width: 90 - n * 13 % 50 + \'%\'}"></span></div>',
});

Vue.component('site-header', {
  props: ['plain'],
  data: () => ({ session, open: false }),
  created() { document.addEventListener('click', (e) => { if (!this.$el.contains(e.target)) this.open = false; }); },
  methods: { toAuth, async signOut() { await api.post('/api/auth', { logout: true }).catch(() => {}); location.href = '/'; } },
  template: `<header class="top"><div class="container d-flex align-items-center">
    <a href="/" class="brand"><i class="mdi mdi-signature-freehand"></i> SIGEX</a>
    <nav class="d-none d-md-flex ml-4"><a href="#">Проверить</a><a href="#">Пакеты</a><a href="#">Тарифы</a><a href="#">Поддержка</a></nav>
    <div v-if="!plain" class="ml-auto position-relative">
      <i v-if="session.state === 'loading'" class="mdi mdi-loading mdi-spin icon-btn"></i>
      <button v-else-if="session.state === 'out'" type="button" class="icon-btn" title="Войти" @click="toAuth"><i class="mdi mdi-login-variant"></i></button>
      <button v-else type="button" class="icon-btn" :title="session.user" :aria-expanded="String(open)" @click="open = !open"><i class="mdi mdi-account-circle"></i></button>
      <transition name="drop">
        <div v-if="open" class="menu">
          <div class="menu-user"><b>{{ session.user }}</b><div>{{ session.organisation }}</div>
            <div v-for="a in session.authorities" :key="a" class="small text-muted">{{ a }}</div></div>
          <a class="menu-item" href="#" @click.prevent><i class="mdi mdi-file-document-multiple-outline"></i>Документы</a>
          <a class="menu-item" href="#" @click.prevent><i class="mdi mdi-account-cog-outline"></i>Настройки пользователя</a>
          <a v-if="session.permissions.organizationSettings" class="menu-item" href="/organization-settings"><i class="mdi mdi-domain"></i>Настройки организации</a>
          <a class="menu-item" href="#" @click.prevent="signOut"><i class="mdi mdi-logout-variant"></i>Выйти</a>
        </div>
      </transition>
    </div>
  </div></header>`,
});

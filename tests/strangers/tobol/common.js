/* Shared by all pages: API calls, session state, header, error block. */
const session = Vue.observable({ state: 'loading', user: '', organization: '', authorities: [], canEditOrganization: false });
let stringsPromise = null;

function loadStrings() {
  if (!stringsPromise) {
    stringsPromise = axios.get('/api/strings').then((r) => r.data).catch(() => ({}));
  }
  return stringsPromise;
}

async function failure(message) {
  const known = ((await loadStrings()).errorMessages || {})[message];
  const text = known ? known.ru : `Сервис вернул неожиданное сообщение «${message}»`;
  return {
    code: message,
    message: text.charAt(0).toUpperCase() + text.slice(1),
    description: (known && typeof known.description === 'string' && known.description) || '',
  };
}

async function api(method, url, data) {
  let response;
  try {
    response = await axios({ method, url, data });
  } catch (e) {
    if (e.response && e.response.data && e.response.data.message) throw await failure(e.response.data.message);
    throw { code: '', message: 'Не удалось связаться с сервисом', description: e.message };
  }
  if (response.data && response.data.message) throw await failure(response.data.message);
  return response.data;
}

function subjectValue(identity, name) {
  const found = [].concat(...(identity.subjectStructure || [])).find((a) => a.name === name);
  return found ? found.value.replace(/\\(.)/g, '$1') : '';
}

async function refreshSession() {
  try {
    const [identity, strings] = await Promise.all([api('get', '/api/auth'), loadStrings()]);
    const names = (strings.consts || {}).extKeyUsageOIDs || {};
    session.user = subjectValue(identity, 'CN');
    session.organization = subjectValue(identity, 'O');
    session.authorities = (identity.extKeyUsages || []).filter((oid) => names[oid]).map((oid) => names[oid].ru);
  } catch (e) {
    session.state = 'guest';
    return;
  }
  try {
    session.canEditOrganization = (await api('get', '/api/organizationPermissions')).organizationSettings === true;
  } catch (e) {
    session.canEditOrganization = false;
  }
  session.state = 'user';
}

function authAddress() {
  return `/auth?returnUrl=${encodeURIComponent(window.location.pathname + window.location.search + window.location.hash)}`;
}

Vue.component('error-block', {
  props: { error: { type: Object, required: true } },
  template: `
    <b-alert show variant="danger">
      <p class="mb-2"><i class="bi bi-exclamation-triangle"></i> {{ error.message }}<template v-if="error.description">: {{ error.description }}</template>.</p>
      <small>Возможно, недоступны службы OCSP или TSP НУЦ РК, проверьте <b-link href="/#services" class="alert-link">состояние внешних сервисов</b-link>.</small>
    </b-alert>`,
});

Vue.component('site-header', {
  data: () => ({ session, refreshing: false }),
  created() { refreshSession(); },
  methods: {
    signIn() { window.location.assign(authAddress()); },
    async opened() {
      this.refreshing = true;
      await refreshSession();
      this.refreshing = false;
    },
    async signOut() {
      try {
        await api('post', '/api/auth', { logout: true });
        window.location.assign('/');
      } catch (e) {
        this.$bvToast.toast(e.message, { title: 'Не удалось выйти', variant: 'danger', solid: true });
      }
    },
  },
  template: `
    <b-navbar type="dark" variant="primary" toggleable="md" sticky>
      <b-navbar-brand href="/"><i class="bi bi-patch-check"></i> SIGEX</b-navbar-brand>
      <b-navbar-toggle target="site-nav" label="Меню"></b-navbar-toggle>
      <b-collapse id="site-nav" is-nav>
        <b-navbar-nav>
          <b-nav-item href="/">Подписать</b-nav-item>
          <b-nav-item href="#" disabled>Проверить</b-nav-item>
          <b-nav-item href="#" disabled>Пакеты</b-nav-item>
          <b-nav-item href="#" disabled>Разработчикам</b-nav-item>
        </b-navbar-nav>
        <b-navbar-nav class="ml-auto align-items-md-center">
          <b-nav-text v-if="session.state === 'loading'"><b-spinner small label="Загрузка"></b-spinner></b-nav-text>
          <b-nav-item v-else-if="session.state === 'guest'" v-b-tooltip.hover.left title="Войти" @click="signIn">
            <i class="bi bi-box-arrow-in-right user-icon"></i>
          </b-nav-item>
          <b-nav-item-dropdown v-else right no-caret class="user-menu" @show="opened">
            <template #button-content><i class="bi bi-person-circle user-icon"></i><span class="sr-only">{{ session.user }}</span></template>
            <b-dropdown-text v-if="refreshing" class="text-center"><b-spinner small label="Загрузка"></b-spinner></b-dropdown-text>
            <template v-else>
              <b-dropdown-text>
                <strong>{{ session.user }}</strong>
                <span v-if="session.organization" class="d-block">{{ session.organization }}</span>
                <small v-for="name in session.authorities" :key="name" class="d-block text-muted">{{ name }}</small>
              </b-dropdown-text>
              <b-dropdown-divider></b-dropdown-divider>
              <b-dropdown-item href="#" disabled><i class="bi bi-files mr-2"></i>Мои документы</b-dropdown-item>
              <b-dropdown-item href="#" disabled><i class="bi bi-sliders mr-2"></i>Настройки профиля</b-dropdown-item>
              <b-dropdown-item v-if="session.canEditOrganization" href="/organization-settings"><i class="bi bi-building-gear mr-2"></i>Настройки организации</b-dropdown-item>
              <b-dropdown-divider></b-dropdown-divider>
              <b-dropdown-item-button @click="signOut"><i class="bi bi-box-arrow-right mr-2"></i>Выйти</b-dropdown-item-button>
            </template>
          </b-nav-item-dropdown>
        </b-navbar-nav>
      </b-collapse>
    </b-navbar>`,
});

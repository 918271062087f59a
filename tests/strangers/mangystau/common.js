/* global Vue, axios */
class ServiceError extends Error {
  constructor(message, answer) { super(message); this.answer = answer; }
}

// Any answer with "message" is a failure, whatever the HTTP code is.
async function call(method, url, data) {
  let response;
  try {
    response = await axios({ method, url, data, validateStatus: () => true });
  } catch (e) {
    throw new ServiceError('Сервис недоступен, проверьте подключение к сети');
  }
  const body = response.data;
  if (body && body.message) throw new ServiceError(body.message, body);
  if (response.status !== 200 || typeof body !== 'object') throw new ServiceError(`Ошибка HTTP ${response.status}`);
  return body;
}

const dictionary = call('get', '/api/strings').catch(() => ({ errorMessages: {}, consts: {} }));

async function explain(error) {
  const known = ((await dictionary).errorMessages || {})[error.message];
  const text = known ? `${known.ru[0].toUpperCase()}${known.ru.slice(1)}: ${known.description}.` : 'Получено неожиданное сообщение.';
  return error.answer ? { text, ...error.answer } : { text: error.message };
}

function attribute(user, name) {
  const found = [].concat(...(user.subjectStructure || [])).find((a) => a.name === name);
  if (!found) return '';
  const value = found.valueInB64 ? decodeURIComponent(escape(atob(found.value))) : found.value;
  return value.replace(/\\(.)/g, '$1');
}

const session = Vue.observable({ loading: true, user: null, name: '', organization: '', authorities: [], permissions: {}, dirty: false });

session.ready = (async () => {
  try {
    const user = await call('get', '/api/auth');
    session.permissions = await call('get', '/api/organizationPermissions').catch(() => ({}));
    const names = (await dictionary).consts.extKeyUsageOIDs || {};
    session.name = attribute(user, 'CN');
    session.organization = attribute(user, 'O');
    session.authorities = (user.extKeyUsages || []).filter((oid) => names[oid]).map((oid) => names[oid].ru);
    session.user = user;
  } catch (e) { /* signed out */ }
  session.loading = false;
})();

window.addEventListener('beforeunload', (e) => {
  if (session.dirty) { e.preventDefault(); e.returnValue = ''; }
});

const signInAddress = () => `/auth?returnUrl=${encodeURIComponent(window.location.href)}`;
const confirmOptions = (title, okTitle) => ({ title, okTitle, cancelTitle: 'Отмена', okVariant: 'danger', centered: true });
const ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];

const organizationSettings = {
  load: () => call('get', '/api/organizationSettings'),
  save(settings) {
    const body = JSON.parse(JSON.stringify(settings));
    ANSWER_ONLY.forEach((key) => delete body[key]);
    return call('post', '/api/organizationSettings', body);
  },
};

Vue.component('service-error', {
  props: ['error'],
  template: `
    <b-alert show variant="danger">
      <h5 class="alert-heading">{{ error.text }}</h5>
      <div v-if="error.message">Ответ сервиса: <code>{{ error.message }}</code><span v-if="error.requestID">, запрос № {{ error.requestID }}</span></div>
      <small v-if="error.message">Возможно, недоступны сервисы OCSP/TSP НУЦ РК, проверьте <a href="#">состояние внешних сервисов</a>.</small>
    </b-alert>`,
});

Vue.component('site-page', {
  props: { crumbs: Array, restricted: Boolean },
  data: () => ({ session, chat: false, chatText: '', announced: !sessionStorage.getItem('announcementClosed') }),
  computed: {
    signIn: () => signInAddress(),
    trail() { return this.crumbs.map((c) => ({ text: c[0], href: c[1] })); },
  },
  methods: {
    closeAnnouncement() { sessionStorage.setItem('announcementClosed', '1'); },
    async signOut() {
      if (session.dirty && !await this.$bvModal.msgBoxConfirm('Несохраненные изменения будут потеряны. Выйти?', confirmOptions('Выход', 'Выйти'))) return;
      session.dirty = false;
      await call('post', '/api/auth', { logout: true }).catch(() => {});
      window.location.href = '/';
    },
  },
  template: `
    <div>
      <b-navbar toggleable="md" type="dark" variant="primary">
        <b-navbar-brand href="/">SIGEX</b-navbar-brand>
        <b-navbar-nav>
          <b-nav-item href="/">Подписать</b-nav-item>
          <b-nav-item href="#">Проверить</b-nav-item>
          <b-nav-item href="#">Пакеты</b-nav-item>
          <b-nav-item href="#">Разработчикам</b-nav-item>
        </b-navbar-nav>
        <b-navbar-nav class="ml-auto align-items-center">
          <b-nav-item-dropdown text="RU" right><b-dropdown-item>Қазақша</b-dropdown-item><b-dropdown-item>English</b-dropdown-item></b-nav-item-dropdown>
          <b-nav-item v-if="!session.loading && !session.user" :href="signIn" title="Войти" link-classes="py-0"><i class="bi bi-box-arrow-in-right user-icon"></i></b-nav-item>
          <b-nav-item-dropdown v-if="session.user" right no-caret title="Меню пользователя" toggle-class="py-0">
            <template #button-content><i class="bi bi-person-circle user-icon"></i></template>
            <li class="user-card">
              <strong>{{ session.name }}</strong><div>{{ session.organization }}</div>
              <b-badge v-for="a in session.authorities" :key="a" class="mr-1">{{ a }}</b-badge>
            </li>
            <b-dropdown-divider></b-dropdown-divider>
            <b-dropdown-item href="#">Мои документы</b-dropdown-item>
            <b-dropdown-item v-if="session.permissions.organizationSettings" href="/organization-settings">Настройки организации</b-dropdown-item>
            <b-dropdown-item href="#">Журнал входов</b-dropdown-item>
            <b-dropdown-divider></b-dropdown-divider>
            <b-dropdown-item-button @click="signOut">Выйти</b-dropdown-item-button>
          </b-nav-item-dropdown>
        </b-navbar-nav>
      </b-navbar>
      <b-alert v-model="announced" variant="warning" dismissible dismiss-label="Закрыть объявление" class="rounded-0 mb-0 py-2" @dismissed="closeAnnouncement">
        <i class="bi bi-megaphone mr-2"></i>В субботу с 22:00 до 23:30 (Астана) проводятся плановые работы, возможны перерывы в работе сервиса.
      </b-alert>
      <main class="container">
        <b-breadcrumb :items="trail" class="mt-2 mb-1"></b-breadcrumb>
        <div v-if="restricted && session.loading" class="text-center p-5"><b-spinner small></b-spinner> Загрузка...</div>
        <b-alert v-else-if="restricted && !session.user" show variant="warning">Требуется аутентификация. <a :href="signIn" class="alert-link">Войдите</a>, чтобы продолжить.</b-alert>
        <b-alert v-else-if="restricted && !session.permissions.organizationSettings" show variant="danger">Доступ запрещен. Ваш сертификат не дает права просматривать и изменять настройки организации, обратитесь к первому руководителю.</b-alert>
        <slot v-else></slot>
      </main>
      <b-card v-if="chat" class="chat-window" header="Поддержка" body-class="p-3">
        <p class="small">Здравствуйте! Напишите вопрос, оператор ответит в рабочее время.</p>
        <b-form-input v-model="chatText" size="sm" placeholder="Сообщение"></b-form-input>
      </b-card>
      <b-button variant="primary" class="chat-button rounded-circle p-0" title="Чат с поддержкой" @click="chat = !chat"><i class="bi" :class="chat ? 'bi-x-lg' : 'bi-chat-dots'"></i></b-button>
    </div>`,
});

const BLOCKS = [
  { key: 'documentsAccess', title: 'Контроль доступа к документам организации', description: 'Просмотр документов организации с ограниченным доступом и получение сохраненных данных.' },
  { key: 'documentsList', title: 'Контроль доступа к перечислению документов организации', description: 'Получение списка документов, зарегистрированных организацией и ее сотрудниками.' },
  { key: 'documentsSettings', title: 'Контроль доступа к настройкам документов организации', description: 'Изменение настроек документов организации.' },
  { key: 'packagesAccess', title: 'Контроль доступа к пакетам документов организации', description: 'Просмотр пакетов документов организации с ограниченным доступом.' },
  { key: 'packagesList', title: 'Контроль доступа к перечислению пакетов документов организации', description: 'Получение списка пакетов документов организации.' },
  { key: 'packagesSettings', title: 'Контроль доступа к настройкам пакетов документов организации', description: 'Изменение настроек пакетов документов организации.' },
  { key: 'organizationSettings', title: 'Контроль доступа к настройкам организации', description: 'Просмотр и изменение настроек организации.' },
];
const EDITABLE = [...BLOCKS.map((b) => b.key), 'webhooks', 'subscriptionContactEmail', 'dataArchiveEnabled', 'dataArchiveContactEmail'];
const ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];
const HEAD_OID = '1.2.398.3.3.4.1.2.1';

// Empty lists may come as null; the order of ticks means nothing.
function canonical(source) {
  const s = JSON.parse(JSON.stringify(source));
  s.tlsCertificatesList = s.tlsCertificatesList || [];
  s.webhooks = { ...s.webhooks, urls: (s.webhooks && s.webhooks.urls) || [] };
  BLOCKS.filter((b) => s[b.key]).forEach(({ key }) => {
    s[key].authorities = (s[key].authorities || []).sort();
    s[key].iins = (s[key].iins || []).sort();
    s[key].tlsCertificatesIndices = (s[key].tlsCertificatesIndices || []).sort((a, b) => a - b);
  });
  return s;
}
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

Vue.filter('date', (ms) => new Date(ms).toLocaleDateString('ru-RU'));

Vue.component('settings-section', {
  props: { id: String, title: String, icon: String },
  data() { return { open: window.location.hash === `#${this.id}` }; },
  template: `
    <b-card no-body :id="id" class="settings-section mb-3">
      <b-card-header>
        <b-link :href="'#' + id" class="section-link d-flex justify-content-between" :class="{ opened: open }" @click="open = !open">
          <span><i :class="'bi bi-' + icon"></i>{{ title }}</span><i class="bi bi-chevron-down chevron"></i>
        </b-link>
      </b-card-header>
      <b-collapse v-model="open" @show="$emit('open')"><b-card-body><slot></slot></b-card-body></b-collapse>
    </b-card>`,
});

new Vue({
  el: '#app',
  data: { session, state: 'loading', error: null, busy: false, saving: false, stored: null, settings: null, subscription: null, authorityNames: {}, shown: {} },
  computed: {
    blocks() { return BLOCKS.filter((b) => this.settings[b.key]); },
    changedKeys() {
      const now = canonical(this.settings);
      return EDITABLE.filter((key) => !same(now[key], this.stored[key]));
    },
    anyChanged() { return this.changedKeys.length > 0; },
  },
  async created() {
    try {
      const [settings, strings] = await Promise.all([api('get', '/api/organizationSettings'), loadStrings()]);
      this.authorityNames = (strings.consts || {}).ncaAuthorityOIDs || {};
      this.take(settings);
      await this.loadSubscription();
      this.state = 'ready';
    } catch (e) {
      this.error = e;
      this.state = e.code === 'Authentication required' ? 'guest' : 'error';
    }
  },
  methods: {
    authAddress,
    take(answer) {
      this.stored = canonical(answer);
      this.settings = canonical(answer);
    },
    // Fresh data for whatever has just been opened; edits that are not saved yet survive.
    async refetch() {
      this.busy = true;
      try {
        const fresh = canonical(await api('get', '/api/organizationSettings'));
        const bodies = (s) => s.tlsCertificatesList.map((c) => c.body);
        const mine = {};
        if (same(bodies(fresh), bodies(this.stored))) {
          this.changedKeys.forEach((key) => { mine[key] = this.settings[key]; });
        } else if (this.anyChanged) {
          this.$bvToast.toast('Список сертификатов изменился, проверьте отметки еще раз.', { title: 'Настройки обновлены', variant: 'warning', solid: true });
        }
        this.take(fresh);
        Object.assign(this.settings, mine);
      } catch (e) {
        this.$bvToast.toast(e.message, { title: 'Не удалось обновить данные', variant: 'danger', solid: true });
      }
      this.busy = false;
    },
    async loadSubscription() {
      try {
        this.subscription = await api('get', '/api/organizationSubscription');
      } catch (e) {
        this.subscription = null;
      }
    },
    isChanged(key) { return this.changedKeys.includes(key); },
    authorityOptions(key) {
      const oids = [...new Set([HEAD_OID, ...Object.keys(this.authorityNames), ...this.stored[key].authorities])].sort();
      return oids.map((oid) => ({ value: oid, text: (this.authorityNames[oid] || {}).ru || oid, disabled: oid === HEAD_OID }));
    },
    isIin: (tag) => /^\d{12}$/.test(tag),
    employees(key) { return this.settings[key].iins.map((iin) => iin.replace(/^IIN/, '')); },
    setEmployees(key, tags) {
      const iins = tags.map((tag) => `IIN${tag}`);
      if (!same(iins, this.settings[key].iins)) this.settings[key].iins = iins;
    },
    async save() {
      this.saving = true;
      this.error = null;
      try {
        const sent = canonical(this.settings);
        const body = { ...sent };
        ANSWER_ONLY.forEach((key) => delete body[key]);
        const { modifiedAt } = await api('post', '/api/organizationSettings', body);
        this.stored = sent;
        this.$bvToast.toast(`Изменения сохранены ${new Date(modifiedAt).toLocaleString('ru-RU')}.`, { title: 'Настройки сохранены', variant: 'success', solid: true });
      } catch (e) {
        this.error = e;
      }
      this.saving = false;
    },
  },
});

$(function () {
  var HEAD = '1.2.398.3.3.4.1.2.1';
  var ANSWER_ONLY = ['businessId', 'modifiedAt', 'dataArchiveQuota', 'dataArchiveQuotaExpires', 'dataArchiveUsage'];
  var BLOCKS = [
    ['documentsAccess', 'Контроль доступа к документам организации', 'Просмотр документов организации с ограниченным доступом и получение их сохранённых данных.'],
    ['documentsList', 'Контроль доступа к перечислению документов организации', 'Получение перечня документов, подписанных сотрудниками организации или зарегистрированных её информационными системами.'],
    ['documentsSettings', 'Контроль доступа к настройкам документов организации', 'Изменение настроек документов организации.'],
    ['packagesAccess', 'Контроль доступа к пакетам документов организации', 'Просмотр пакетов документов организации с ограниченным доступом.'],
    ['packagesList', 'Контроль доступа к перечислению пакетов документов организации', 'Получение перечня пакетов документов организации.'],
    ['packagesSettings', 'Контроль доступа к настройкам пакетов документов организации', 'Изменение настроек пакетов документов организации.'],
    ['organizationSettings', 'Контроль доступа к настройкам организации', 'Просмотр и изменение настроек организации, в том числе настоящего раздела.']
  ];
  var settings, stored, leaving = false;

  // What goes to the service: the whole object, without the fields that it only reports.
  function outgoing() {
    var o = JSON.parse(JSON.stringify(settings));
    $.each(ANSWER_ONLY, function (_, k) { delete o[k]; });
    $.each(BLOCKS, function (_, b) {
      if (o[b[0]]) {
        o[b[0]].tlsCertificatesIndices.sort(function (x, y) { return x - y; });
        o[b[0]].authorities.sort();
      }
    });
    return o;
  }
  function changed() { return !leaving && stored !== undefined && JSON.stringify(outgoing()) !== stored; }

  function refresh() {
    var c = changed();
    $('#save, #undo').prop('disabled', !c);
    if (c) {
      $('#saveState').removeClass('text-success').addClass('text-muted').text('Есть несохранённые изменения');
    } else if (!$('#saveState').hasClass('text-success')) {
      $('#saveState').text('');
    }
    $.each(BLOCKS, function (_, b) {
      if (settings[b[0]]) { $('#tab-' + b[0] + ' .badge').text('ИС: ' + settings[b[0]].tlsCertificatesIndices.length); }
    });
  }

  // A list's "select all": `list` is the chosen values, `all` the values offered.
  function chooser(list, all) {
    return {
      get: function () {
        var chosen = this.block[list];
        return this[all].length > 0 && this[all].every(function (v) { return chosen.indexOf(v) !== -1; });
      },
      set: function (on) {
        var offered = this[all], rest = this.block[list].filter(function (v) { return offered.indexOf(v) === -1; });
        this.block[list] = on ? rest.concat(offered) : rest.concat(list === 'authorities' ? [HEAD] : []);
      }
    };
  }

  function drawBlock(name, title, about, names) {
    var block = settings[name];
    $.each(['authorities', 'tlsCertificatesIndices', 'iins'], function (_, k) { block[k] = block[k] || []; });
    var oids = Object.keys(names);
    $.each(block.authorities, function (_, o) { if (oids.indexOf(o) === -1) { oids.push(o); } });
    $('#accessTabs').append('<li class="nav-item"><a class="nav-link" data-toggle="pill" role="tab" aria-selected="false" id="tab-' + name + '" href="#panel-' + name +
      '" aria-controls="panel-' + name + '">' + title + ' <span class="badge badge-light float-right mt-1"></span></a></li>');
    $('#accessPanels').append('<div class="tab-pane" role="tabpanel" id="panel-' + name + '" aria-labelledby="tab-' + name + '"><div></div></div>');
    new Vue({
      el: '#panel-' + name + ' > div',
      template: '#blockTemplate',
      data: {
        name: name, about: about, head: HEAD, block: block, systems: settings.tlsCertificatesList,
        authorities: oids.map(function (o) { return { oid: o, title: names[o] ? names[o].ru : o }; })
      },
      computed: {
        oids: function () { return this.authorities.map(function (a) { return a.oid; }); },
        indices: function () { // switched-off systems are only ticked by hand
          var r = [];
          this.systems.forEach(function (c, i) { if (!c.disabled) { r.push(i); } });
          return r;
        },
        allAuthorities: chooser('authorities', 'oids'),
        allSystems: chooser('tlsCertificatesIndices', 'indices')
      },
      watch: { block: { deep: true, handler: refresh } }
    });
  }

  function pair(title, value) { return '<dt class="col-sm-5">' + title + '</dt><dd class="col-sm-7">' + Sigex.esc(value || 'не указано') + '</dd>'; }

  function drawOthers() {
    $.each(settings.tlsCertificatesList, function (_, c) { $('#certs').append($('<li>').text(c.description + (c.disabled ? ' (отключён)' : ''))); });
    if (!settings.tlsCertificatesList.length) { $('#certs').replaceWith('<p class="text-muted">Сертификаты не добавлены.</p>'); }
    var urls = (settings.webhooks || {}).urls || [];
    $.each(urls, function (_, u) { $('#hooks').append($('<li>').text(u)); });
    if (!urls.length) { $('#hooks').replaceWith('<p class="text-muted">Адреса для уведомлений не заданы.</p>'); }
    $('#archive').html(pair('Архивирование', settings.dataArchiveEnabled ? 'включено' : 'выключено') + pair('Электронная почта', settings.dataArchiveContactEmail));
    Sigex.call('get', '/api/organizationSubscription').then(function (s) {
      $('#plan').html(pair('Тарифный план', s.name) + pair('Действует до', s.expires && new Date(s.expires).toLocaleDateString('ru-RU')) + pair('Электронная почта', s.contactEmail));
    }, function (err) { $('#plan').html(pair('Тарифный план', 'сведения недоступны (' + err.message + ')')); });
  }

  function showSection() {
    var id = location.hash.slice(1);
    if (!id || !$('#s-' + id).length) { id = 'subscription'; }
    $('.section').hide();
    $('#s-' + id).show();
    $('#sideMenu a').removeClass('current').filter('[href="#' + id + '"]').addClass('current');
  }

  $('#save').on('click', function () {
    if (!window.confirm('Сохранить изменения настроек организации?')) { return; }
    var body = outgoing(), $b = $(this).prop('disabled', true);
    $('#saveError').addClass('d-none');
    $('#saveState').removeClass('text-success').addClass('text-muted').text('Сохранение…');
    Sigex.call('post', '/api/organizationSettings', body).then(function (r) {
      stored = JSON.stringify(body);
      $('#saveState').removeClass('text-muted').addClass('text-success').text('Настройки сохранены в ' + new Date(r.modifiedAt).toLocaleTimeString('ru-RU'));
      refresh();
      window.alert('Настройки организации успешно сохранены.');
    }, function (err) {
      $('#saveState').text('Настройки не сохранены');
      $b.prop('disabled', false);
      return Sigex.showError($('#saveError'), err);
    });
  });

  $('#undo').on('click', function () {
    if (window.confirm('Отменить все несохранённые изменения?')) { leaving = true; location.reload(); }
  });

  $(window).on('hashchange', showSection).on('beforeunload', function (e) {
    if (changed()) {
      e.preventDefault();
      e.originalEvent.returnValue = '';
      return '';
    }
  });

  Sigex.start().then(function (user) {
    if (!user) {
      $('#needLogin').removeClass('d-none').find('a').attr('href', Sigex.loginUrl());
      return;
    }
    return Promise.all([Sigex.call('get', '/api/organizationSettings'), Sigex.strings()]).then(function (r) {
      settings = r[0];
      settings.tlsCertificatesList = settings.tlsCertificatesList || [];
      $('#orgName').text((Sigex.attribute(user, 'O') + ', ' + (user.businessId || '').replace('BIN', 'БИН ')).replace(/^, /, ''));
      var names = (r[1].consts || {}).ncaAuthorityOIDs || {};
      $.each(BLOCKS, function (_, b) { if (settings[b[0]]) { drawBlock(b[0], b[1], b[2], names); } });
      drawOthers();
      stored = JSON.stringify(outgoing());
      showSection();
      refresh();
      $('#content').removeClass('d-none');
    });
  }).catch(function (err) {
    $('#failed').removeClass('d-none');
    return Sigex.showError($('#failedText'), err);
  }).then(function () { $('#loading').hide(); });
});

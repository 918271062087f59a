// Header, footer and helpers shared by all pages.
var Sigex = (function ($) {
  var strings = null;

  function esc(s) { return $('<i>').text(s == null ? '' : s).html(); }

  // Every answer with "message" is a failure, whatever the HTTP code is.
  function call(method, url, data) {
    return axios({ method: method, url: url, data: data }).then(function (r) { return r.data; }, function (e) {
      if (e.response && e.response.data && e.response.data.message) { return e.response.data; }
      throw new Error('Сервис не отвечает (' + e.message + ')');
    }).then(function (d) {
      if (d && d.message) {
        var err = new Error(d.message);
        err.requestID = d.requestID;
        throw err;
      }
      return d;
    });
  }

  function loadStrings() {
    if (!strings) {
      strings = call('get', '/api/strings').catch(function () { return {}; });
    }
    return strings;
  }

  function explain(err) {
    return loadStrings().then(function (s) {
      var m = (s.errorMessages || {})[err.message];
      if (!m) { return { title: err.message, text: '' }; }
      return { title: m.ru.charAt(0).toUpperCase() + m.ru.slice(1), text: m.description || '', original: err.message };
    });
  }

  function showError($box, err) {
    return explain(err).then(function (e) {
      $box.html('<b>' + esc(e.title) + '</b>' + (e.text ? ': ' + esc(e.text) + '.' : '.') +
        (e.original ? '<br><small>Ответ сервиса: ' + esc(e.original) + (err.requestID ? ', № запроса ' + esc(err.requestID) : '') + '</small>' : ''))
        .removeClass('d-none');
    });
  }

  function attribute(user, name) {
    var found = '';
    $.each(user.subjectStructure || [], function (_, rdn) {
      $.each(rdn, function (__, a) { if (a.name === name && !found) { found = a.value.replace(/\\(.)/g, '$1'); } });
    });
    return found;
  }

  function loginUrl() {
    if (location.pathname === '/login') { return location.pathname + location.search; }
    return '/login?returnUrl=' + encodeURIComponent(location.pathname + location.search + location.hash);
  }

  function drawFrame() {
    $('#header').html(
      '<nav class="navbar navbar-expand-md navbar-light bg-white"><div class="container">' +
      '<a class="navbar-brand" href="/"><b>SIGEX</b> <small class="text-muted">обмен подписями</small></a>' +
      '<ul class="navbar-nav mr-auto"><li class="nav-item"><a class="nav-link" href="/">Подписать</a></li>' +
      '<li class="nav-item"><a class="nav-link" href="/verify">Проверить</a></li>' +
      '<li class="nav-item"><a class="nav-link" href="/package">Пакет документов</a></li>' +
      '<li class="nav-item"><a class="nav-link" href="/support">Поддержка</a></li></ul>' +
      '<ul class="navbar-nav"><li class="nav-item"><a class="nav-link active" href="/">Рус</a></li>' +
      '<li class="nav-item"><a class="nav-link" href="/kk">Қаз</a></li><li class="nav-item"><a class="nav-link" href="/en">Eng</a></li></ul>' +
      '<ul class="navbar-nav ml-3" id="userNav"></ul></div></nav>');
    $('#footer').addClass('footer').html(
      '<div class="container"><div class="row"><div class="col-md-5">Служба поддержки: <a href="tel:+77282000000">+7 (7282) 00-00-00</a>' +
      '<br>в рабочие дни с 9:00 до 18:00<br><a href="mailto:support@sigex.example">support@sigex.example</a></div>' +
      '<div class="col-md-4"><a href="/support/developers/">Документация для разработчиков</a><br><a href="/support/status">Состояние внешних сервисов</a></div>' +
      '<div class="col-md-3"><a href="/privacy-policy">Политика конфиденциальности</a><br><a href="/terms">Пользовательское соглашение</a></div></div></div>');
  }

  function drawSignedOut() {
    $('#userNav').html('<li class="nav-item"><a class="nav-link" href="#" id="enter" title="Вход по ЭЦП"><i class="fa fa-sign-in fa-lg"></i></a></li>');
    $('#enter').on('click', function (e) { e.preventDefault(); location.href = loginUrl(); });
  }

  function drawUser(user, s) {
    var names = (s.consts || {}).extKeyUsageOIDs || {};
    var authorities = $.map(user.extKeyUsages || [], function (o) { return names[o] ? names[o].ru : null; });
    var org = attribute(user, 'O');
    $('#userNav').html(
      '<li class="nav-item dropdown"><a class="nav-link dropdown-toggle" href="#" data-toggle="dropdown" aria-haspopup="true" aria-expanded="false" title="' +
      esc(attribute(user, 'CN')).replace(/"/g, '&quot;') + '"><i class="fa fa-user-circle fa-lg"></i></a><div class="dropdown-menu dropdown-menu-right">' +
      '<div class="px-4 py-1"><b>' + esc(attribute(user, 'CN')) + '</b>' + (org ? '<br>' + esc(org) : '') +
      (authorities.length ? '<br><small class="text-muted">' + esc(authorities.join(', ')) + '</small>' : '') + '</div>' +
      '<div class="dropdown-divider"></div><a class="dropdown-item" href="/documents">Мои документы</a>' +
      '<a class="dropdown-item" href="/settings">Настройки пользователя</a>' +
      '<a class="dropdown-item d-none" id="menuOrg" href="/organization-settings">Настройки организации</a>' +
      '<div class="dropdown-divider"></div><a class="dropdown-item" href="#" id="leave">Выход</a></div></li>');
    $('#leave').on('click', function (e) {
      e.preventDefault();
      call('post', '/api/auth', { logout: true }).then(function () { location.href = '/'; }, function (err) { alert(err.message); });
    });
    call('get', '/api/organizationPermissions').then(function (p) {
      $('#menuOrg').toggleClass('d-none', !p.organizationSettings);
    }, function () { /* not an organisation's employee: the item stays hidden */ });
  }

  // Resolves to the user, or to null when signed out.
  function start() {
    drawFrame();
    return Promise.all([call('get', '/api/auth').catch(function () { return null; }), loadStrings()]).then(function (r) {
      if (r[0]) { drawUser(r[0], r[1]); } else { drawSignedOut(); }
      return r[0];
    });
  }

  return { start: start, call: call, strings: loadStrings, showError: showError, attribute: attribute, loginUrl: loginUrl, esc: esc };
})(jQuery);

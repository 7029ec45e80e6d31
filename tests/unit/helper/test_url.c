// SPDX-License-Identifier: GPL-2.0-or-later
/* URLs: their one form, what is refused, and where a token may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "url.h"

static struct url parsed(const char *text)
{
	const char *wrong;
	struct url url;

	wrong = url_parse(text, &url);
	if (wrong)
		fail_msg("%s: %s", text, wrong);
	return url;
}

static void each_url_has_one_form(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "http://h", "http://h:80/" },
		{ "https://h", "https://h:443/" },
		{ "HTTPS://Snap.Example.COM:8443/Api/v1/", "https://snap.example.com:8443/Api/v1/" },
		{ "http://h:", "http://h:80/" },
		{ "http://192.0.2.1:080/", "http://192.0.2.1:80/" },
		{ "http://[2001:DB8:0:0::1]:5000", "http://[2001:db8::1]:5000/" },
		{ "http://[::ffff:192.0.2.1]/", "http://[::ffff:192.0.2.1]:80/" },
		{ "https://h/a/../b/./c", "https://h:443/b/c" },
		{ "https://h/a@b", "https://h:443/a@b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct url url = parsed(cases[i].from);

		assert_string_equal(url.text, cases[i].to);
		url = parsed(url.text);
		assert_string_equal(url.text, cases[i].to);
		assert_int_equal(url.text[url.origin_length], '/');
	}
}

static void what_is_no_such_url_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "h", "h:80", "//h", "ftp://h", "file:///etc/passwd", "http:/h",
		"http:h", "http://", "http:///h", "https://u@h", "https://u:p@h/",
		"https://@h/", "https://h?q", "https://h/?", "https://h/#f", "http://h:0",
		"http://h:65536", "http://h:x", "http://h h/", "http://h/ ",
		" http://h", "http://h\n", "http://h/\r\nX: y", "http://[::1", "http://[fe80::1%25eth0]/",
		"http://h\\@evil/", "http://h%2fx/", "http://h%00x/", "http://m\xc3\xbcnchen/",
		"http://h,i/", "http://[v1.x]/",
	};
	struct url url;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!url_parse(cases[i], &url))
			fail_msg("\"%s\" became %s", cases[i], url.text);
}

static void url_has_a_bound(void **state)
{
	char text[URL_TEXT_SIZE + 1];
	struct url url;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://h:80/", 12);
	text[URL_TEXT_SIZE - 1] = '\0';
	assert_null(url_parse(text, &url));
	assert_string_equal(url.text, text);
	text[URL_TEXT_SIZE - 1] = 'a';
	text[URL_TEXT_SIZE] = '\0';
	assert_non_null(url_parse(text, &url));

	/* One that grows beyond it by its port. */
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://h/", 9);
	text[URL_TEXT_SIZE - 1] = '\0';
	assert_non_null(url_parse(text, &url));

	memset(text, 'a', 300);
	memcpy(text, "http://", 7);
	text[300] = '\0';
	assert_non_null(url_parse(text, &url));
}

static void control_address_may_be_an_address_with_a_port(void **state)
{
	static const char *const wrong[] = {
		"", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65536", "h:80", "192.0.2:80",
		"2001:db8::1:80", "192.0.2.1:80/", "[2001:db8::1]", "[fe80::1%1]:80",
		"[192.0.2.1]:80", "https://u@h", "192.0.2.1:80 ", "0x7f.0.0.1:80", "[h]:80",
	};
	struct url url;

	(void)state;
	assert_null(url_parse_control("192.0.2.1:5001", &url));
	assert_string_equal(url.text, "http://192.0.2.1:5001/");
	assert_null(url_parse_control("[2001:db8::1]:5001", &url));
	assert_string_equal(url.text, "http://[2001:db8::1]:5001/");
	assert_null(url_parse_control("https://h", &url));
	assert_string_equal(url.text, "https://h:443/");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!url_parse_control(wrong[i], &url))
			fail_msg("\"%s\" became %s", wrong[i], url.text);
}

static void loopback_is_this_machine_only(void **state)
{
	static const char *const this[] = {
		"http://127.0.0.1", "http://127.9.8.7:1", "http://[::1]", "http://[0:0::0:1]:80",
		"http://localhost:1", "http://LocalHost/",
	};
	static const char *const others[] = {
		"http://128.0.0.1", "http://[::2]", "http://localhost.example", "http://0.0.0.0",
		"http://[::ffff:127.0.0.1]", "http://h/127.0.0.1", "http://127.example",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(this) / sizeof(this[0]); i++)
		assert_true(parsed(this[i]).loopback);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(parsed(others[i]).loopback);
}

static void http_is_led_to_on_this_machine_or_by_http(void **state)
{
	struct url https = parsed("https://h"), http = parsed("http://h");
	struct url local = parsed("http://127.0.0.1:1");
	struct url secure = parsed("https://[::1]");

	(void)state;
	assert_true(url_may_lead(&http, &local, false));
	for (int i = 0; i < 2; i++) {
		const struct url *here = i ? &secure : &local;

		assert_true(url_may_lead(here, &https, false));
		assert_true(url_may_lead(here, &local, false));
		assert_false(url_may_lead(here, &http, false));
		assert_true(url_may_lead(here, &http, true));
	}
	assert_true(url_may_lead(&https, &https, false));
	assert_true(url_may_lead(&http, &http, false));
	assert_true(url_may_lead(&http, &https, false));
	assert_true(url_may_lead(&https, &local, false));
	assert_false(url_may_lead(&https, &http, false));
	assert_true(url_may_lead(&https, &http, true));
}

static bool same_origin(const struct url *a, const struct url *b)
{
	struct url_origins set = { .count = 0 };

	assert_true(url_origins_add(&set, a));
	return url_origins_have(&set, b);
}

static void origin_is_scheme_host_and_port(void **state)
{
	struct url url = parsed("https://h:443/a"), same = parsed("HTTPS://H/b/c");
	static const char *const others[] = {
		"http://h:443", "https://h:4430", "https://h.example", "https://hh", "https://h:44",
	};

	(void)state;
	assert_true(same_origin(&url, &same));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct url other = parsed(others[i]);

		assert_false(same_origin(&url, &other));
		assert_false(same_origin(&other, &url));
	}
}

static void set_of_origins_has_what_was_added_and_a_bound(void **state)
{
	struct url_origins set = { .count = 0 };
	char text[64];

	(void)state;
	for (int i = 0; i < URL_ORIGINS; i++) {
		struct url url;

		snprintf(text, sizeof(text), "https://h%d/x", i);
		url = parsed(text);
		assert_false(url_origins_have(&set, &url));
		assert_true(url_origins_add(&set, &url));
		assert_true(url_origins_have(&set, &url));
	}
	struct url again = parsed("https://h3/y"), more = parsed("https://more");
	struct url longer = parsed("https://h3:4433"), http = parsed("http://h3");

	assert_true(url_origins_add(&set, &again));
	assert_false(url_origins_add(&set, &more));
	assert_false(url_origins_have(&set, &more));
	assert_false(url_origins_have(&set, &longer));
	assert_false(url_origins_have(&set, &http));
	assert_int_equal(set.count, URL_ORIGINS);
}

static void paths_of_calls_are_their_own_or_relative(void **state)
{
	struct url url = parsed("https://h/a/b"), folder = parsed("https://h/a/b/");
	char text[URL_TEXT_SIZE];

	(void)state;
	assert_true(url_below_origin(&url, "s/M", text));
	assert_string_equal(text, "https://h:443/s/M");
	assert_true(url_below_origin(&folder, "s/M", text));
	assert_string_equal(text, "https://h:443/s/M");
	assert_true(url_relative(&url, "s/M", text));
	assert_string_equal(text, "https://h:443/a/s/M");
	assert_true(url_relative(&folder, "s/M", text));
	assert_string_equal(text, "https://h:443/a/b/s/M");
}

static void too_long_url_of_a_call_is_refused(void **state)
{
	char path[URL_TEXT_SIZE], text[URL_TEXT_SIZE];
	struct url url = parsed("http://h");

	(void)state;
	memset(path, 'a', sizeof(path));
	path[URL_TEXT_SIZE - 12] = '\0';
	assert_false(url_relative(&url, path, text));
	assert_false(url_below_origin(&url, path, text));
	path[URL_TEXT_SIZE - 13] = '\0';
	assert_true(url_relative(&url, path, text));
	assert_true(url_below_origin(&url, path, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_url_has_one_form),
		cmocka_unit_test(what_is_no_such_url_is_refused),
		cmocka_unit_test(url_has_a_bound),
		cmocka_unit_test(control_address_may_be_an_address_with_a_port),
		cmocka_unit_test(loopback_is_this_machine_only),
		cmocka_unit_test(http_is_led_to_on_this_machine_or_by_http),
		cmocka_unit_test(origin_is_scheme_host_and_port),
		cmocka_unit_test(set_of_origins_has_what_was_added_and_a_bound),
		cmocka_unit_test(paths_of_calls_are_their_own_or_relative),
		cmocka_unit_test(too_long_url_of_a_call_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

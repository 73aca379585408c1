/* smtp_check.c - what may stand in a command: nothing in an address, a name or
 * a parameter may end the line, or begin a parameter of its own (CWE-93). */

#include <string.h>

#include "core/text.h"
#include "mail/mail_text.h"
#include "smtp/smtp_client.h"

static int refuse(struct sc_error *e, const char *what, const char *why)
{
    return sc_error_set(e, SC_EINVAL, "%s: %s", what, why);
}

bool smtp_is_ascii(const char *text, size_t n)
{
    unsigned char all = 0;

    for (size_t i = 0; i < n; i++)
        all |= (unsigned char)text[i];
    return all < 0x80;
}

/* Visible, or above ASCII; no < and >. */
static inline bool is_visible(unsigned char b)
{
    return b > ' ' && b != 0x7f && b != '<' && b != '>';
}

static bool visible(const char *text)
{
    for (; *text; text++)
        if (!is_visible((unsigned char)*text))
            return false;
    return true;
}

/* RFC 5321 section 4.1.2: quotes are around all of the local part, backslashes
 * within them. An open one would take what follows the address. */
static bool quotes_end(const char *address, const char *at)
{
    const char *p = address;

    if (*p == '"') {
        for (p++; *p && *p != '"'; p++)
            if (*p == '\\' && *++p == '\0')
                return false;
        if (*p++ == '\0' || (*p != '\0' && p != at))
            return false;
    }
    return strpbrk(p, "\"\\") == NULL;
}

/* True if all are visible. ODD: a quote, a backslash or a byte above ASCII is
 * among them. Without branches it becomes vector instructions. */
static bool look_at(const char *p, size_t n, bool *odd)
{
    unsigned char hidden = 0, other = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned char b = (unsigned char)p[i];

        hidden |= (b <= ' ') | (b == 0x7f) | (b == '<') | (b == '>');
        other |= (b > 0x7f) | (b == '"') | (b == '\\');
    }
    *odd = other;
    return !hidden;
}

/* "a b"@example.org would be lawful: but nobody has such an address, and many
 * servers end it at the space. */
int smtp_check_address(const char *what, const char *address, bool may_be_empty,
                       struct sc_error *e)
{
    size_t local, n;
    const char *at;
    bool odd;

    if (address == NULL || (*address == '\0' && !may_be_empty))
        return refuse(e, what, "no address");
    n = strlen(address);
    if (!look_at(address, n, &odd))
        return refuse(e, what, "a space, <, > or control character in it");
    at = strrchr(address, '@');
    local = at != NULL ? (size_t)(at - address) : n;
    if (local > SMTP_LOCAL_MOST || n > SMTP_ADDRESS_MOST)
        return refuse(e, what, "longer than RFC 5321 allows");
    if (at != NULL && (local == 0 || at[1] == '\0'))
        return refuse(e, what, "nothing beside the @");
    if (odd && !quotes_end(address, at))
        return refuse(e, what, "quotes that do not end, or stand elsewhere");
    if (odd && !mail_is_utf8((struct sc_span){address, n}))
        return refuse(e, what, "it is not UTF-8");
    return 0;
}

int smtp_check_params(const char *what, const char *params, struct sc_error *e)
{
    const char *p = params;

    if (params == NULL)
        return 0;
    if (strlen(params) > SMTP_PARAMS_MOST)
        return refuse(e, what, "longer than its limit");
    for (; *p; p++) {
        unsigned char b = (unsigned char)*p;

        if (b < ' ' || b == 0x7f || b == '<' || b == '>')
            return refuse(e, what, "a control character, < or > in it");
        if (b == ' ' && (p == params || p[1] == ' ' || p[1] == '\0'))
            return refuse(e, what, "a space that separates nothing");
    }
    return 0;
}

int smtp_check_name(const char *what, const char *name, struct sc_error *e)
{
    if (*name == '\0' || strlen(name) > SMTP_NAME_MOST)
        return refuse(e, what, "no name, or one too long");
    if (!visible(name) || !smtp_is_ascii(name, strlen(name)))
        return refuse(e, what, "a character that no host's name has");
    return 0;
}

int smtp_check_text(const char *what, const char *text, struct sc_error *e)
{
    if (text == NULL || *text == '\0')
        return refuse(e, what, "empty");
    if (strlen(text) > SMTP_LINE_MOST - 16)
        return refuse(e, what, "longer than RFC 5321 allows");
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return refuse(e, what, "a control character in it");
    return 0;
}

int smtp_add_xtext(struct sc_buf *out, const char *text)
{
    int rc = 0;

    for (; *text && rc == 0; text++) {
        unsigned char b = (unsigned char)*text;

        if (b > ' ' && b < 0x7f && b != '+' && b != '=')
            rc = sc_buf_add(out, text, 1);
        else
            rc = sc_buf_addf(out, "+%02X", b);
    }
    return rc;
}

int smtp_add_number(struct sc_buf *out, uint64_t n)
{
    char digits[24], *p = digits + sizeof digits;

    do
        *--p = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return sc_buf_add(out, p, (size_t)(digits + sizeof digits - p));
}

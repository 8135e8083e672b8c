from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenhouse.protocol.causes import Cause
from tokenhouse.protocol.refusals import InvalidRequest, Refusal
from tokenhouse.wire.xml_body import read_xml

NAMESPACE = "http://schemas.example/types"
REQUEST = (
    f"<?xml version='1.0' encoding='utf-8'?><Request xmlns='{NAMESPACE}'><user>j&amp;d é</user></Request>".encode()
)

XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)


def test_a_document_is_read():
    root = read_xml(REQUEST, root="Request", namespace=NAMESPACE)

    assert root.tag == f"{{{NAMESPACE}}}Request"
    assert [(e.tag, e.text) for e in root] == [(f"{{{NAMESPACE}}}user", "j&d é")]


@pytest.mark.parametrize(
    "body",
    [
        b"<r/>",
        b"\xef\xbb\xbf<r/>",
        b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><r/>",
        b'<?xml version="1.0" standalone="yes"?>\n<r/>',
        b"<!-- encoding='latin-1' --><r/>",
        b"<r><![CDATA[<!DOCTYPE]]></r>",
    ],
)
def test_harmless_spellings_are_read(body):
    assert read_xml(body, root="r", namespace="").tag == "r"


@pytest.mark.parametrize(
    ("body", "root", "namespace"),
    [
        (b"<other/>", "r", None),
        (b"<r xmlns='urn:b'/>", None, "urn:a"),
        (b"<r xmlns='urn:b'/>", "r", ""),
        (b"<r/>", "r", "urn:a"),
        (b"<R/>", "r", ""),
    ],
)
def test_another_root_is_malformed(body, root, namespace):
    with pytest.raises(InvalidRequest):
        read_xml(body, root=root, namespace=namespace)
    assert read_xml(body) is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<r>",
        b"<r/><r/>",
        b"<r a='1' a='2'/>",
        b"<r>&nbsp;</r>",
        b"<r>&#0;</r>",
        b"<r>&#xD800;</r>",
        b"<r>\x00</r>",
        b"<r>\x0b</r>",
        b"<r>\xff</r>",
        b"<r>\xed\xa0\x80</r>",
        b"<x:r/>",
        b"<!DOCTYPE r><r/>",
        b'<!DOCTYPE r SYSTEM "http://localhost/x.dtd"><r/>',
        b'<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>',
        b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>&e;</r>',
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://localhost/">%p;]><r/>',
        b'<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]><r>&c;</r>',
        b"<?xml version='1.0' encoding='iso-8859-1'?><r/>",
        b"<?xml version='1.0' encoding='utf-7'?><r/>",
        b"<?xml version='1.0' encoding=''?><r/>",
        "<?xml version='1.0'?><r/>".encode("utf-16"),
        "<?xml version='1.0' encoding='utf-16'?><r/>".encode("utf-16-le"),
        b"<r>" * 5000 + b"</r>" * 5000,
    ],
)
def test_what_is_not_plain_xml_is_malformed(body):
    with pytest.raises(InvalidRequest) as caught:
        read_xml(body)
    assert caught.value.cause is Cause.MALFORMED
    assert caught.value.__context__ is None, "a parser's error quotes the body"


@given(XML_TEXT, XML_TEXT)
def test_what_is_encoded_is_read_again(text, attribute):
    root = read_xml(f"<r><e a={quoteattr(attribute)}>{escape(text)}</e></r>".encode())

    assert (root[0].text or "", root[0].get("a")) == (text, attribute)


@given(st.binary(max_size=40) | st.text(st.sampled_from("<>/r!?&;[]a='\" \x00x"), max_size=40).map(str.encode))
def test_any_body_is_read_or_refused(body):
    try:
        root = read_xml(b"<r>" + body + b"</r>")
    except Refusal:
        return
    assert root.tag == "r"

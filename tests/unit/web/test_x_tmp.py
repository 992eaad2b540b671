from tests.unit.web.conftest import *
from django.urls import reverse
import re
def test_x(browser):
    """."""
    given = {"name": "X","building": "Ratusz","place": "wc","kind": "toilet","address": "rtsp://192.0.2.9/","transport": "tcp"}
    response = browser("administrator").post(reverse("source-new"), given)
    t=response.content.decode()
    for m in re.findall(r'<[^>]*(?:error|wrong|refus)[^>]*>[^<]*(?:<[^>]*>[^<]*)?', t): print(m[:300])
    i=t.find('wc'); print(re.sub(r'\s+',' ',re.sub(r'<[^>]+>',' ',t))[:1500])
    assert 0

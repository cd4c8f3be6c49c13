"""Lists as files: what a page shows, all its pages, masked as on the page, guarded against formulas, and audited."""

from staff.exports.answer import respond as respond
from staff.exports.columns import Column as Column
from staff.exports.columns import ListResource as ListResource
from staff.exports.columns import Yuan as Yuan

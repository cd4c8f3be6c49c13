"""An import from upload to undo, as pages, jobs and commands call it."""

from customers.dms.commit import Progress as Progress
from customers.dms.commit import report_dict as report_dict
from customers.dms.refused import FileRefused as FileRefused
from customers.dms.undo import built_on as built_on
from customers.services.imports.corrections import LONGEST as LONGEST
from customers.services.imports.corrections import TooManyCorrections as TooManyCorrections
from customers.services.imports.corrections import correct_cells as correct_cells
from customers.services.imports.mappings import set_mapping as set_mapping
from customers.services.imports.runs import import_now as import_now
from customers.services.imports.runs import mark_refused as mark_refused
from customers.services.imports.runs import result_of as result_of
from customers.services.imports.runs import run_import as run_import
from customers.services.imports.runs import try_out as try_out
from customers.services.imports.starts import CHECK as CHECK
from customers.services.imports.starts import COMMIT as COMMIT
from customers.services.imports.starts import UNDO as UNDO
from customers.services.imports.starts import ImportRefused as ImportRefused
from customers.services.imports.starts import cancel as cancel
from customers.services.imports.starts import start_check as start_check
from customers.services.imports.starts import start_commit as start_commit
from customers.services.imports.starts import start_undo as start_undo
from customers.services.imports.starts import start_with_header as start_with_header
from customers.services.imports.uploads import KEEP_FILES as KEEP_FILES
from customers.services.imports.uploads import forget_files as forget_files
from customers.services.imports.uploads import receive_upload as receive_upload

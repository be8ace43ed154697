"""A site of Sphinx and MyST-NB, whose notebook is run when the site is built."""

project = "Attention, in a site"
extensions = ["myst_nb"]
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_ipywidgets_js = {}  # else pages ask a CDN for a widget manager, which nothing here needs
html_extra_path = ["extra"]
html_theme = "alabaster"
html_theme_options = {"page_width": "1200px"}
html_show_copyright = False

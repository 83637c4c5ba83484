//! Building a port: one service, one origin, one credential slot.

use crate::{Auth, HeaderAuth, Port, Publisher};

impl Port {
    /// A port at `origin`, such as `https://api.example.com`. Its publisher takes the port's own slug and label
    /// until [`publisher`](Self::publisher) names one.
    #[must_use]
    pub fn new(slug: &str, label: &str, origin: &str, auth: Auth) -> Self {
        Self {
            slug: slug.to_owned(),
            label: label.to_owned(),
            description: String::new(),
            origin: origin.to_owned(),
            auth,
            category: String::new(),
            tags: Vec::new(),
            publisher: Publisher::new(slug, label),
        }
    }

    /// What the service is, in at most 1,000 characters.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        self.description = description.to_owned();
        self
    }

    /// One word or two, such as `AI`.
    #[must_use]
    pub fn category(mut self, category: &str) -> Self {
        self.category = category.to_owned();
        self
    }

    /// Words to search by.
    #[must_use]
    pub fn tags(mut self, tags: &[&str]) -> Self {
        self.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        self
    }

    /// Who stands behind the plugin.
    #[must_use]
    pub fn publisher(mut self, publisher: Publisher) -> Self {
        self.publisher = publisher;
        self
    }
}

impl Auth {
    /// A credential that travels in the header `name` (lower case), after `prefix`, which holds any space it needs.
    #[must_use]
    pub fn in_header(name: &str, prefix: &str) -> Self {
        Self::Header(HeaderAuth { name: name.to_owned(), prefix: prefix.to_owned() })
    }
}

impl Publisher {
    /// A publisher without a home page.
    #[must_use]
    pub fn new(slug: &str, name: &str) -> Self {
        Self { slug: slug.to_owned(), name: name.to_owned(), website_url: None }
    }

    /// Home page.
    #[must_use]
    pub fn website(mut self, url: &str) -> Self {
        self.website_url = Some(url.to_owned());
        self
    }
}
